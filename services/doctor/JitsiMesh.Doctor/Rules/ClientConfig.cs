using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace JitsiMesh.Doctor.Rules;

/// <summary>The values of config.js that a client needs to connect. Addresses may be relative to the page.</summary>
/// <param name="Domain">hosts.domain.</param>
/// <param name="Muc">hosts.muc.</param>
/// <param name="Focus">hosts.focus, or null.</param>
/// <param name="ServiceUrl">serviceUrl, else websocket, else bosh; null when there is none.</param>
/// <param name="WebSocket">websocket, or null.</param>
/// <param name="Bosh">bosh, or null.</param>
internal sealed partial record ClientConfig(string Domain, string Muc, string? Focus, string? ServiceUrl, string? WebSocket, string? Bosh)
{
    /// <summary>
    /// Parses the script: the JSON after <c>var config =</c>, then simple assignments (<c>config.x.y = 'text'</c>) as in a custom-config.js or in the
    /// config.js of Jitsi's web container. No code is executed.
    /// </summary>
    public static bool TryRead(string script, [NotNullWhen(true)] out ClientConfig? config, out string problem)
    {
        config = null;
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var start = Declaration().Match(script);
        if (!start.Success)
        {
            problem = "it does not assign config";
            return false;
        }

        try
        {
            var bytes = Encoding.UTF8.GetBytes(script[(start.Index + start.Length)..]);
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            using var document = JsonDocument.ParseValue(ref reader);
            Collect(document.RootElement, "", texts);
        }
        catch (JsonException e)
        {
            problem = "its object is not JSON: " + e.Message;
            return false;
        }

        foreach (Match assignment in Assignment().Matches(script)) texts[assignment.Groups[1].Value] = assignment.Groups[3].Value;
        if (!texts.TryGetValue("hosts.domain", out var domain) || !texts.TryGetValue("hosts.muc", out var muc))
        {
            problem = "hosts.domain or hosts.muc is missing";
            return false;
        }

        var webSocket = texts.GetValueOrDefault("websocket");
        var bosh = texts.GetValueOrDefault("bosh");
        config = new ClientConfig(domain, muc, texts.GetValueOrDefault("hosts.focus"), texts.GetValueOrDefault("serviceUrl") ?? webSocket ?? bosh, webSocket, bosh);
        problem = "";
        return true;
    }

    private static void Collect(JsonElement element, string path, Dictionary<string, string> texts)
    {
        if (element.ValueKind == JsonValueKind.String) texts[path] = element.GetString()!;
        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (var property in element.EnumerateObject()) Collect(property.Value, path.Length == 0 ? property.Name : path + "." + property.Name, texts);
    }

    [GeneratedRegex(@"(?:var|let|const)\s+config\s*=\s*(?=\{)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*config\.([A-Za-z.]+)\s*=\s*(['""])([^'""]*)\2\s*;", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
