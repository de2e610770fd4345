using System.Text;
using System.Text.Json;

namespace JitsiMesh.Acme.Messages;

/// <summary>A problem document (RFC 8555 section 6.7), reduced to its displayable parts.</summary>
/// <param name="Type">The last part of its type, such as <c>rateLimited</c>; empty without one.</param>
/// <param name="Detail">The authority's text, in one line.</param>
public sealed record AcmeProblem(string Type, string Detail)
{
    private const string Prefix = "urn:ietf:params:acme:error:";
    private const int TypeCharacters = 40;

    public static AcmeProblem Read(ReadOnlyMemory<byte> body)
    {
        if (!JsonReading.TryRead(body, out var document)) return new AcmeProblem("", "");
        using (document) return Read(document.RootElement);
    }

    internal static AcmeProblem Read(JsonElement element)
    {
        var type = element.Text("type") ?? "";
        type = type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : "";
        if (type.Length > TypeCharacters || !type.All(char.IsAsciiLetterOrDigit)) type = "";
        var detail = new StringBuilder(OneLine(element.Text("detail") ?? element.Text("title") ?? ""));

        // Subproblems, one level below, name the identifier and its error (section 6.7.1).
        foreach (var part in element.Items("subproblems", AcmeLimits.Identifiers))
        {
            var name = part.Member("identifier") is { } identifier ? identifier.Text("value") : null;
            if (detail.Length < AcmeLimits.DetailCharacters) detail.Append("; ").Append(OneLine(name ?? "")).Append(": ").Append(OneLine(part.Text("detail") ?? ""));
        }

        return new AcmeProblem(type, OneLine(detail.ToString()));
    }

    internal static string OneLine(string text)
    {
        var line = new string([.. text.Take(AcmeLimits.DetailCharacters).Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? ' ' : c)]).Trim();
        return text.Length > AcmeLimits.DetailCharacters ? line + "…" : line;
    }
}
