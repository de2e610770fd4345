using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// Converts the header Forwarded (RFC 7239 section 4) into the X-Forwarded headers that ASP.NET Core's middleware reads, one entry for each proxy, the nearest last.
/// It is used only if no X-Forwarded header is present: proxies that write those pass on a client's Forwarded unchanged.
/// </summary>
internal static class ForwardedElements
{
    private const string Header = "Forwarded";

    /// <summary>Proxies of one header. Of a longer chain, only as many at the near end are read.</summary>
    private const int MostElements = 16;

    public static void Translate(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Header, out var values) || headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("X-Forwarded-Proto") || headers.ContainsKey("X-Forwarded-Host")) return;
        List<Element> elements = [];
        foreach (var value in values)
        {
            // A malformed header gives nothing, since its remaining parts would name the wrong proxy.
            if (!TryRead(value ?? "", elements)) return;
        }

        if (elements.Count == 0) return;
        if (elements.Count > MostElements) elements.RemoveRange(0, elements.Count - MostElements);
        Put(headers, "X-Forwarded-For", elements, e => e.For);
        Put(headers, "X-Forwarded-Proto", elements, e => e.Proto);
        Put(headers, "X-Forwarded-Host", elements, e => e.Host);
    }

    private static void Put(IHeaderDictionary headers, string name, List<Element> elements, Func<Element, string> part)
    {
        // A missing part of one proxy would shift the parts of the others, so only the near end counts, up to the first proxy that omits it.
        var given = elements.AsEnumerable().Reverse().Select(part).TakeWhile(p => p.Length > 0).Reverse().ToList();
        if (given.Count > 0) headers[name] = new StringValues(string.Join(", ", given));
    }

    private static bool TryRead(string text, List<Element> elements)
    {
        var at = 0;
        Element? element = null;
        while (true)
        {
            SkipSpace(text, ref at);
            if (at < text.Length && text[at] is not (',' or ';'))
            {
                var equals = text.IndexOf('=', at);
                if (equals < 0) return false;
                var name = text[at..equals].ToLowerInvariant();
                at = equals + 1;
                if (!TryReadValue(text, ref at, out var value)) return false;
                element ??= new Element("", "", "");
                element = name switch
                {
                    "for" => element with { For = Address(value) },
                    "proto" => element with { Proto = value },
                    "host" => element with { Host = value.Contains(',', StringComparison.Ordinal) ? "" : value },
                    _ => element,
                };
                SkipSpace(text, ref at);
            }

            if (at == text.Length || text[at] == ',')
            {
                // An element without usable parts is added too: it stands for a proxy.
                if (element is not null) elements.Add(element);
                element = null;
                if (at == text.Length) return true;
            }
            else if (text[at] != ';') return false;

            at++;
        }
    }

    private static bool TryReadValue(string text, ref int at, out string value)
    {
        value = "";
        if (at < text.Length && text[at] == '"')
        {
            var read = new System.Text.StringBuilder();
            for (at++; at < text.Length; at++)
            {
                if (text[at] == '"')
                {
                    at++;
                    value = read.ToString();
                    return true;
                }

                if (text[at] == '\\' && at + 1 < text.Length) at++;
                read.Append(text[at]);
            }

            return false;
        }

        var from = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || "!#$%&'*+-.^_`|~:".Contains(text[at], StringComparison.Ordinal))) at++;
        value = text[from..at];
        return value.Length > 0;
    }

    /// <summary>An obfuscated name or "unknown" (section 6) is no address: the entries after it are not trusted, and the proxy that wrote it counts.</summary>
    private static string Address(string node) => node.StartsWith('_') || string.Equals(node, "unknown", StringComparison.OrdinalIgnoreCase) || node.Contains(',', StringComparison.Ordinal) ? "" : node;

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t') at++;
    }

    private sealed record Element(string For, string Proto, string Host);
}
