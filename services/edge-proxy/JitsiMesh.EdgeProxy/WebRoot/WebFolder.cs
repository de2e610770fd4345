using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.StaticFiles;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>The folder with the files of the web client.</summary>
internal sealed class WebFolder
{
    private static readonly FileExtensionContentTypeProvider Types = CreateTypes();

    public WebFolder(MeshSettings settings)
    {
        var configured = settings.Get(KnownSettings.WebRoot);
        if (configured.Length > 0 && !Directory.Exists(configured)) throw new SettingsException([$"WEB_ROOT: folder not found: '{configured}'"]);
        IsBuiltIn = configured.Length == 0;
        Root = configured.Length > 0 ? Path.GetFullPath(configured) : BuiltIn();
    }

    /// <summary>Whether the files are those of the built-in client, and not of WEB_ROOT.</summary>
    public bool IsBuiltIn { get; }

    /// <summary>Absolute, or null when the built-in client has not been built.</summary>
    public string? Root { get; }

    /// <summary>The file of a URL path such as <c>libs/app.js</c>, or null when no such file may be served.</summary>
    public FileInfo? Find(string path)
    {
        if (Root is null || path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) || path.Contains('\\', StringComparison.Ordinal)) return null;
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);

        // Hidden files and ".." must not be served, except .well-known (RFC 8615).
        if (segments.Length == 0 || segments.Any(s => s[0] == '.' && s != ".well-known")) return null;
        var file = new FileInfo(Path.Combine([Root, .. segments]));
        return file.Exists ? file : null;
    }

    public static string ContentType(string name)
    {
        if (!Types.TryGetContentType(name, out var type)) return "application/octet-stream";
        return type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/manifest+json" ? type + "; charset=utf-8" : type;
    }

    private static string? BuiltIn()
    {
        var published = Path.Combine(AppContext.BaseDirectory, "web");
        if (File.Exists(Path.Combine(published, "index.html"))) return published;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var built = Path.Combine(folder.FullName, "services", "web", "dist");
            if (File.Exists(Path.Combine(built, "index.html"))) return built;
        }

        return null;
    }

    private static FileExtensionContentTypeProvider CreateTypes()
    {
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".js"] = "text/javascript";
        types.Mappings[".mjs"] = "text/javascript";
        types.Mappings[".map"] = "application/json";
        types.Mappings[".wav"] = "audio/wav";
        types.Mappings[".opus"] = "audio/ogg";
        types.Mappings[".wasm"] = "application/wasm";
        types.Mappings[".tflite"] = "application/octet-stream";
        types.Mappings[".webmanifest"] = "application/manifest+json";
        return types;
    }
}
