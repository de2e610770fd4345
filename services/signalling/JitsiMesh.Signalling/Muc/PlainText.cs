using System.Text;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Texts that clients chose: cut, and measured as they go out.</summary>
public static class PlainText
{
    /// <summary>At most so many UTF-16 units of a text; a character is not cut in half.</summary>
    public static string Shorten(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    /// <summary>Octets of a text between XML tags.</summary>
    public static int XmlOctets(string text)
    {
        var octets = Encoding.UTF8.GetByteCount(text);
        foreach (var c in text)
        {
            if (c == '&') octets += 4;
            else if (c is '<' or '>') octets += 3;
        }

        return octets;
    }

    /// <summary>At most so many octets has a text as a JSON string between XML tags, without its quotation marks.</summary>
    public static int JsonOctets(string text)
    {
        var octets = 0;
        foreach (var c in text)
        {
            octets += c switch
            {
                < ' ' or '\u007f' => 6,
                '&' => 5,
                '<' or '>' => 4,
                '"' or '\\' => 2,
                < '\u0080' => 1,
                // What the writer does not take for a plain character it writes as six.
                _ => 6,
            };
        }

        return octets;
    }
}
