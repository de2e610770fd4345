using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>
/// The page of every room. Jitsi Meet's index.html is put together by nginx' server-side includes
/// (<c>&lt;!--#include virtual="…" --&gt;</c>, <c>&lt;!--#echo var="…" default="…" --&gt;</c>); the same two are understood here.
/// </summary>
internal sealed partial class IndexPage(WebFolder folder, ConfigScript config)
{
    /// <summary>How deep includes may be within each other. Deeper ones are left empty.</summary>
    private const int MaxDepth = 5;

    private const string NotBuilt = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>JitsiMesh</title>
        <body style="font:16px sans-serif;margin:4rem auto;max-width:40rem"><h1>JitsiMesh is running</h1>
        <p>The web client has not been built: <code>cd services/web &amp;&amp; npm ci &amp;&amp; npm run build</code>, or set <code>WEB_ROOT</code> to the folder of a Jitsi Meet.</p></body></html>
        """;

    public string Render(HttpRequest request, string tenant) =>
        folder.Find("index.html") is { } file ? Expand(File.ReadAllText(file.FullName), request, tenant, 0) : NotBuilt;

    private string Expand(string text, HttpRequest request, string tenant, int depth)
    {
        if (!text.Contains("<!--#", StringComparison.Ordinal)) return text;
        if (depth >= MaxDepth) return "";
        return Directive().Replace(text, match =>
        {
            var arguments = Argument().Matches(match.Groups["arguments"].Value).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);
            return match.Groups["name"].Value switch
            {
                "include" => Include(arguments.GetValueOrDefault("virtual", ""), request, tenant, depth),
                "echo" => WebUtility.HtmlEncode(Variable(arguments.GetValueOrDefault("var", ""), tenant) is { Length: > 0 } value ? value : arguments.GetValueOrDefault("default", "")),
                _ => "",
            };
        });
    }

    private string Include(string path, HttpRequest request, string tenant, int depth) => path.TrimStart('/') switch
    {
        "config.js" => config.Config(request, tenant),
        "interface_config.js" => config.InterfaceConfig(),
        var name => folder.Find(name) is { } file ? Expand(File.ReadAllText(file.FullName), request, tenant, depth + 1) : "",
    };

    private static string Variable(string name, string tenant) => name switch
    {
        "subdir" => tenant.Length > 0 ? tenant + "/" : "",
        "subdomain" => tenant.Length > 0 ? tenant + "." : "",
        _ => "",
    };

    [GeneratedRegex("""<!--#\s*(?<name>[a-z]+)(?<arguments>(?:\s+[a-z]+="[^"]*")*)\s*-->""")]
    private static partial Regex Directive();

    [GeneratedRegex("([a-z]+)=\"([^\"]*)\"")]
    private static partial Regex Argument();
}
