using System.Xml;

namespace JitsiMesh.Xmpp;

/// <summary>The character classes of XML 1.0 (fifth edition, sections 2.2 and 2.3), and one interned string for each frequent name.</summary>
internal static class XmlNames
{
    /// <summary>Characters that stop a scan because they are invalid in XML, or valid only in pairs: controls, surrogates, U+FFFE and U+FFFF.</summary>
    public static readonly string Unusual = string.Concat(
        Enumerable.Range(0, 0x10000).Select(code => (char)code).Where(c => !IsCharacter(c)));

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Known = Words().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The interned string of a frequent name or value, or a new string.</summary>
    public static string Intern(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return "";
        return text.Length <= 64 && Known.TryGetValue(text, out var known) ? known : text.ToString();
    }

    /// <summary>Char of section 2.2, as far as one UTF-16 unit determines it.</summary>
    public static bool IsCharacter(char c) => c >= ' ' ? c is < '\uD800' or (> '\uDFFF' and < '\uFFFE') : c is '\t' or '\n' or '\r';

    public static bool IsCodePoint(int code) => code is 0x9 or 0xA or 0xD or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF);

    /// <summary>The number of UTF-16 units at the start of the text that are an NCName (Namespaces in XML 1.0, section 3) in both the fourth and the fifth edition.</summary>
    public static int NameLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length)
        {
            var c = text[length];
            if (c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_')
            {
                length++;
            }
            else if (c < '\u0080')
            {
                if (length == 0 || !(c is (>= '0' and <= '9') or '-' or '.')) return length;
                length++;
            }
            else
            {
                // A parser of the fourth edition refuses a whole document for one name of the fifth, and some receivers use such a parser: accept only names of both, so none beyond U+FFFF.
                if (length == 0 ? !(IsNameStart(c) && XmlConvert.IsStartNCNameChar(c)) : !((IsNameStart(c) || IsNameRest(c)) && XmlConvert.IsNCNameChar(c))) return length;
                length++;
            }
        }

        return length;
    }

    private static bool IsNameStart(char c) =>
        c is (>= '\u00C0' and <= '\u00D6') or (>= '\u00D8' and <= '\u00F6') or (>= '\u00F8' and <= '\u02FF') or (>= '\u0370' and <= '\u037D') or (>= '\u037F' and <= '\u1FFF')
            or '\u200C' or '\u200D' or (>= '\u2070' and <= '\u218F') or (>= '\u2C00' and <= '\u2FEF') or (>= '\u3001' and <= '\uD7FF') or (>= '\uF900' and <= '\uFDCF') or (>= '\uFDF0' and <= '\uFFFD');

    private static bool IsNameRest(char c) => c is '\u00B7' or (>= '\u0300' and <= '\u036F') or '\u203F' or '\u2040';

    private static Dictionary<string, string> Words()
    {
        const string Common =
            "iq message presence body subject error query item x status history password nick text thread feature identity conference property jingle content description payload-type parameter rtcp-fb "
            + "rtp-hdrext transport candidate fingerprint source ssrc-group group rtcp-mux web-socket json-message reply delay stats-id c features SourceInfo jitsi_participant_region "
            + "jitsi_participant_codecList type id to from xmlns get set result groupchat chat unavailable name value var key affiliation role jid code action sid initiator responder creator senders media "
            + "clockrate channels ssrc semantics component foundation generation ip network port priority protocol hash ver node ufrag pwd setup xml lang stream open close version r a h resume previd "
            + "enable ping bind resource jid auth mechanism actor reason destroy stamp room true false 0 1 audio video data both moderator participant owner member none udp tcp host srflx";
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in Common.Split(' ')) words.TryAdd(word, word);
        string[] namespaces =
        [
            Namespaces.Client, Namespaces.Framing, Namespaces.Streams, Namespaces.StreamErrors, Namespaces.StanzaErrors, Namespaces.Sasl, Namespaces.Bind, Namespaces.Session,
            Namespaces.StreamManagement, Namespaces.Ping, Namespaces.DiscoInfo, Namespaces.DiscoItems, Namespaces.Caps, Namespaces.Muc, Namespaces.MucUser, Namespaces.MucAdmin,
            Namespaces.MucOwner, Namespaces.MucRoomInfo, Namespaces.MucRoomConfig, Namespaces.DataForm, Namespaces.Delay, Namespaces.Nick, Namespaces.ExternalServices2,
            Namespaces.ExternalServices1, Namespaces.JitMeet, Namespaces.Focus, Namespaces.Colibri, Namespaces.Colibri2, Namespaces.Hints, Namespaces.Xml, Namespaces.Xmlns,
            "urn:xmpp:jingle:1", "urn:xmpp:jingle:apps:rtp:1", "urn:xmpp:jingle:apps:rtp:rtcp-fb:0", "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0", "urn:xmpp:jingle:apps:rtp:ssma:0",
            "urn:xmpp:jingle:transports:ice-udp:1", "urn:xmpp:jingle:apps:dtls:0", "urn:xmpp:jingle:apps:grouping:0",
        ];
        foreach (var ns in namespaces) words.TryAdd(ns, ns);
        return words;
    }
}
