using System.Net;
using System.Text.RegularExpressions;
using JitsiMesh.EdgeProxy.Addresses;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>
/// Pages with nginx' server-side includes (<c>ssi on</c> in Jitsi's web container): <c>&lt;!--#include virtual="…" --&gt;</c> and
/// <c>&lt;!--# echo var="…" default="…" --&gt;</c> in every .html file of WEB_ROOT. Other directives are removed.
/// </summary>
internal sealed partial class ServerSideIncludes(WebFolder folder, ConfigScript config, PublicBase root)
{
    public static bool IsPage(string name) => name.EndsWith(".html", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".htm", StringComparison.OrdinalIgnoreCase);

    /// <param name="path">Of the file, such as <c>static/close2.html</c>.</param>
    /// <param name="request">The request for the page: config.js depends on it.</param>
    /// <param name="tenant">As in the request's path.</param>
    /// <param name="label">Of <see cref="TenantName"/>.</param>
    /// <returns>Null when there is no such file.</returns>
    public string? Render(string path, HttpRequest request, string tenant, string label) =>
        folder.Find(path) is { } file ? new Page(folder, config, root.Path(request), request, tenant, label).Expand(File.ReadAllText(file.FullName), path, 0) : null;

    private static string Encode(string value, string encoding) => encoding switch
    {
        "none" => value,
        "url" => Uri.EscapeDataString(value),
        _ => WebUtility.HtmlEncode(value),
    };

    /// <summary>The path of an include: absolute, or relative to the file that contains it. <see cref="WebFolder.Find"/> refuses paths outside the folder.</summary>
    private static string Resolve(string target, string from)
    {
        var end = target.AsSpan().IndexOfAny('?', '#');
        if (end >= 0) target = target[..end];
        if (target.StartsWith('/')) return target.TrimStart('/');
        var slash = from.LastIndexOf('/');
        return slash < 0 ? target : from[..(slash + 1)] + target;
    }

    private sealed class Page(WebFolder folder, ConfigScript config, string root, HttpRequest request, string tenant, string label)
    {
        private int _includes;
        private int _characters;

        public string Expand(string text, string path, int depth)
        {
            _characters += text.Length;
            if (!text.Contains("<!--#", StringComparison.Ordinal)) return text;
            return Directive().Replace(text, match =>
            {
                var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (Match argument in Argument().Matches(match.Groups["arguments"].Value)) arguments[argument.Groups["name"].Value] = argument.Groups["value"].Value;
                return match.Groups["name"].Value switch
                {
                    "include" => Include(arguments.GetValueOrDefault("virtual") ?? arguments.GetValueOrDefault("file") ?? "", path, depth),
                    "echo" => Echo(arguments),
                    _ => "",
                };
            });
        }

        private string Include(string target, string from, int depth)
        {
            if (depth + 1 >= IncludeLimits.Depth || ++_includes > IncludeLimits.Includes) return "";
            var path = Resolve(target, from);
            var text = path switch
            {
                "config.js" => config.Config(request, tenant, label),
                "interface_config.js" => config.InterfaceConfig(),

                // The base.html of Jitsi Meet names the root of the host, which is wrong when the files are below a path.
                "base.html" when root.Length > 0 => $"<base href=\"{WebUtility.HtmlEncode(root)}/\" />",
                _ => folder.Find(path) is { } file && _characters + file.Length <= IncludeLimits.Characters ? File.ReadAllText(file.FullName) : "",
            };
            if (_characters + text.Length > IncludeLimits.Characters) return "";
            if (IsPage(path)) return Expand(text, path, depth + 1);
            _characters += text.Length;
            return text;
        }

        private string Echo(Dictionary<string, string> arguments)
        {
            var value = arguments.GetValueOrDefault("var", "") switch
            {
                "subdir" => tenant.Length > 0 ? tenant + "/" : "",
                "subdomain" => tenant.Length > 0 ? tenant + "." : "",
                _ => "",
            };
            return Encode(value.Length > 0 ? value : arguments.GetValueOrDefault("default", ""), arguments.GetValueOrDefault("encoding", "entity"));
        }
    }

    [GeneratedRegex("""<!--#\s*(?<name>[a-z]+)(?<arguments>(?:\s+[a-z]+=(?:"[^"]*"|'[^']*'))*)\s*-->""", RegexOptions.ExplicitCapture)]
    private static partial Regex Directive();

    [GeneratedRegex("""(?<name>[a-z]+)=("(?<value>[^"]*)"|'(?<value>[^']*)')""", RegexOptions.ExplicitCapture)]
    private static partial Regex Argument();
}
