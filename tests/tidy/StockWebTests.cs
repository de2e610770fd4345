using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace JitsiMesh.Tidy.Tests;

/// <summary>stock-web.yml: the official web app out of an image of Jitsi's web container. Its script is run as it stands, on folders of the test's own.</summary>
public sealed class StockWebTests : IDisposable
{
    private static readonly Compose File = Compose.Read(Repository.Read("stock-web.yml"));

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-stock-").FullName;

    [Fact]
    public void The_app_is_copied_whole_and_replaces_what_was_there()
    {
        var (image, web) = Folders();
        Write(image, "index.html", "<!--#include virtual=\"head.html\" -->");
        Write(image, "libs/external_api.min.js", "api");
        Write(image, "static/close2.html", "close");
        System.IO.File.CreateSymbolicLink(Path.Combine(image, "external_api.js"), "libs/external_api.min.js");
        Write(web, "old.html", "old");
        Write(web, ".hidden/old", "old");

        Assert.Equal(0, Run());

        Assert.Equal("api", System.IO.File.ReadAllText(Path.Combine(web, "external_api.js")));
        Assert.Null(new FileInfo(Path.Combine(web, "external_api.js")).LinkTarget);
        Assert.Equal(["external_api.js", "index.html", "libs/external_api.min.js", "static/close2.html"],
            Directory.EnumerateFiles(web, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(web, f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_image_without_the_app_fails_and_leaves_what_was_there()
    {
        var (_, web) = Folders();
        Write(web, "index.html", "old");

        Assert.NotEqual(0, Run());

        Assert.Equal("old", System.IO.File.ReadAllText(Path.Combine(web, "index.html")));
    }

    [Fact]
    public void The_copying_container_has_no_network_and_the_edge_cannot_write_to_the_volume()
    {
        var copy = File.Services["stock-web"];

        Assert.Equal("none", ((YamlScalarNode)copy.Children["network_mode"]).Value);
        Assert.False(copy.Children.ContainsKey("env_file"));
        Assert.Equal(["stock-web:/web:ro"], Compose.Texts(File.Services["edge-proxy"], "volumes"));
        Assert.Equal("/web", Compose.Environment(File.Services["edge-proxy"])["WEB_ROOT"]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string Image, string Web) Folders() => (Directory.CreateDirectory(Path.Combine(_folder, "image")).FullName, Directory.CreateDirectory(Path.Combine(_folder, "web")).FullName);

    private int Run()
    {
        var script = Compose.Texts(File.Services["stock-web"], "command").Single()
            .Replace("/usr/share/jitsi-meet", Path.Combine(_folder, "image"), StringComparison.Ordinal)
            .Replace(" /web", " " + Path.Combine(_folder, "web"), StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static void Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
    }
}
