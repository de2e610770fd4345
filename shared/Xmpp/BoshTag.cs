using System.Text;
using System.Text.Unicode;

namespace JitsiMesh.Xmpp;

/// <summary>The result of <see cref="BoshTag.TryRead"/>.</summary>
public enum BoshTagResult
{
    /// <summary>More octets are needed.</summary>
    Incomplete,
    Complete,

    /// <summary>The octets are not the beginning of a <c>body</c> of XEP-0124.</summary>
    Refused,
}

/// <summary>
/// The start tag of the body of a BOSH request (XEP-0124 section 4): enough to find its session before the rest is read.
/// </summary>
public sealed class BoshTag
{
    private BoshTag(XmppElement element, int octets, bool isEmpty)
    {
        Element = element;
        Octets = octets;
        IsEmpty = isEmpty;
    }

    /// <summary>Name, namespace and attributes.</summary>
    public XmppElement Element { get; }

    /// <summary>Octets up to the end of the tag.</summary>
    public int Octets { get; }

    /// <summary>Whether the tag is self-closing: the body has no payload.</summary>
    public bool IsEmpty { get; }

    /// <summary>The session id; null in a request that creates a session.</summary>
    public string? SessionId => Element["sid"];

    /// <param name="octets">The beginning of the request's body.</param>
    /// <param name="tag">Set where <see cref="BoshTagResult.Complete"/> is returned.</param>
    public static BoshTagResult TryRead(ReadOnlySpan<byte> octets, out BoshTag? tag)
    {
        tag = null;
        var at = SkipSpace(octets, 0);
        if (octets[at..].StartsWith("<?xml"u8))
        {
            var end = octets[at..].IndexOf("?>"u8);
            if (end < 0) return BoshTagResult.Incomplete;
            at = SkipSpace(octets, at + end + 2);
        }

        var begin = "<body"u8;
        var rest = octets[at..];
        if (rest.Length <= begin.Length) return begin.StartsWith(rest[..Math.Min(rest.Length, begin.Length)]) || "<?xml"u8.StartsWith(rest) ? BoshTagResult.Incomplete : BoshTagResult.Refused;
        if (!rest.StartsWith(begin)) return BoshTagResult.Refused;
        var length = LengthOf(rest);
        if (length == 0) return BoshTagResult.Incomplete;
        var text = rest[..length];
        if (!Utf8.IsValid(text)) return BoshTagResult.Refused;
        var isEmpty = text[^2] == (byte)'/';
        var whole = isEmpty ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..^1]) + "/>";
        if (!XmppParser.TryParse(whole, out var element, out _, out _, fromClient: true) || element is not { Name: "body", Namespace: Namespaces.HttpBind }) return BoshTagResult.Refused;
        tag = new BoshTag(element, at + length, isEmpty);
        return BoshTagResult.Complete;
    }

    /// <summary>Octets up to the <c>&gt;</c> that ends the tag; 0 if it has not arrived yet.</summary>
    private static int LengthOf(ReadOnlySpan<byte> octets)
    {
        byte quote = 0;
        for (var at = 0; at < octets.Length; at++)
        {
            var octet = octets[at];
            if (quote != 0)
            {
                if (octet == quote) quote = 0;
            }
            else if (octet is (byte)'"' or (byte)'\'')
            {
                quote = octet;
            }
            else if (octet == (byte)'>')
            {
                return at + 1;
            }
        }

        return 0;
    }

    private static int SkipSpace(ReadOnlySpan<byte> octets, int from)
    {
        var space = octets[from..].IndexOfAnyExcept(" \t\r\n"u8);
        return space < 0 ? octets.Length : from + space;
    }
}
