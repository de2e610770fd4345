using System.Text;
using System.Xml;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>
/// Stanzas built from the data with namespaces, prefixes, attributes, entities and depth: what parsing costs an octet, how long the stanza is when it is written, that a browser's parser
/// reads the same, and that what is relayed has nothing of the server's.
/// </summary>
internal sealed class StanzaTarget : IFuzzTarget
{
    /// <summary>Name comparisons an octet: a use of a prefix has at least five octets and looks through at most 16 declarations and those of nested streams.</summary>
    private const int StepsOfOctet = 16;

    /// <summary>Allocated octets an octet. An element of four octets is an object, its two lists and their arrays; ordinary stanzas take about 10.</summary>
    private const int AllocatedOfOctet = 96;

    /// <summary>The reader's own stacks.</summary>
    private const int AllocatedAlways = 8 * 1024;

    private static readonly string[] Uris =
    [
        "urn:a", Namespaces.MucUser, Namespaces.Delay, Namespaces.Streams, Namespaces.DiscoInfo, Namespaces.Client, "", Namespaces.JitMeet, "u&amp;&lt;&quot;&#10;", new('u', 250), new('v', 300), Namespaces.Xmlns,
    ];

    private static readonly string[] Locals = ["x", "item", "delay", "error", "body", "xmlns", "jid", "query", "a", "xmlfoo", "é", "stanza-id"];
    private static readonly string[] Texts = ["t", ">", "]]&gt;", "&#62;&#x22;", "]>", "<![CDATA[<&>]]>", "<![CDATA[]]]]>>", "&amp;&#13;", "👍", "'\"", "\r\n", "  "];

    public static IReadOnlyList<byte[]> Samples { get; } = [.. Seeds()];

    /// <summary>The reader's tables are made with the first document, and are no document's memory.</summary>
    private static readonly XmppElement First = XmppParser.Parse("<p:a xmlns:p='urn:a' p:b='&amp;\"' c=\"d\">&gt;<![CDATA[x]]></p:a>");

    public static void Run(ReadOnlySpan<byte> data)
    {
        var text = Build(data);
        Check(text);
        // And the data itself as the text of a frame.
        Check(Encoding.UTF8.GetString(data));
    }

    private static void Check(string text)
    {
        if (First.Name.Length == 0) return;
        var octets = Encoding.UTF8.GetByteCount(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = XmppParser.TryParse(text, out var element, out _, out var growth, out var steps);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (steps > (long)StepsOfOctet * octets) throw new InvalidOperationException($"{steps} steps for {octets} octets: {text}");
        if (allocated > AllocatedAlways + ((long)AllocatedOfOctet * octets)) throw new InvalidOperationException($"{allocated} octets allocated for {octets}: {text}");
        if (!read) return;

        var measured = XmppSerializer.Measure(element);
        if (measured > octets + growth) throw new InvalidOperationException($"{measured} octets, told were {octets} and {growth}: {text}");
        var size = new FrameSize(octets, growth);
        // What is refused is refused before anything is written.
        if (size.MayGrow && measured > size.Bound) return;
        var written = element.ToString();
        if (Encoding.UTF8.GetByteCount(written) != measured) throw new InvalidOperationException($"Measured {measured}: {written}");
        if (measured > (2L * octets) + 4096) throw new InvalidOperationException($"{octets} octets became {measured}: {text}");
        if (!XmppParser.TryParse(written, out var again, out var error)) throw new InvalidOperationException($"Wrote what does not parse ({error}): {written}");
        if (again.ToString() != written) throw new InvalidOperationException($"Writes differently the second time: {written}");
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(written);
        if (!IsSame(element, document.DocumentElement!)) throw new InvalidOperationException($"Another parser reads it differently: {written}");
        CheckRelayed(element, (2L * octets) + 4096);
    }

    private static void CheckRelayed(XmppElement element, long bound)
    {
        var before = element.ToString();
        XmppElement?[] relayed =
        [
            RelayedContent.Presence(element, RelayedVoice.Participant), RelayedContent.Message(element, RelayedVoice.Participant), RelayedContent.Iq(element, RelayedVoice.Participant, toService: false),
        ];
        foreach (var one in relayed)
        {
            if (one is null) continue;
            var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
            document.LoadXml(one.ToString());
            if (XmppSerializer.Measure(one) > bound) throw new InvalidOperationException($"Longer once cleaned: {one}");
            foreach (XmlElement descendant in document.DocumentElement!.GetElementsByTagName("*"))
            {
                if (descendant.NamespaceURI is Namespaces.MucUser or Namespaces.Delay or Namespaces.Streams) throw new InvalidOperationException($"Relayed in the name of the server: {one}");
                if (descendant.Attributes.Cast<XmlAttribute>().Any(attribute => attribute.LocalName == "xmlns" && attribute.Prefix.Length > 0)) throw new InvalidOperationException($"Relayed what looks like a declaration: {one}");
            }
        }

        if (element.ToString() != before) throw new InvalidOperationException($"Cleaning changed the original: {before}");
    }

    /// <summary>Each octet appends something; the document is closed at the end, so that most are well-formed.</summary>
    private static string Build(ReadOnlySpan<byte> data)
    {
        var builder = new StringBuilder("<message xmlns='jabber:client' xmlns:p='urn:p' xmlns:q='http://jabber.org/protocol/muc#user' to='a@b'>");
        var open = new Stack<string>();
        for (var i = 0; i + 1 < data.Length && builder.Length < 60_000; i += 2)
        {
            var (kind, value) = (data[i] & 7, data[i] >> 3 | data[i + 1] << 5);
            var name = Prefix(value) + Locals[value / 4 % Locals.Length];
            switch (kind)
            {
                case 0 or 1 when open.Count < 70:
                    builder.Append('<').Append(name).Append(Attributes(value)).Append('>');
                    open.Push(name);
                    break;
                case 2 when open.TryPop(out var last):
                    builder.Append("</").Append(last).Append('>');
                    break;
                case 3 or 4:
                    builder.Append('<').Append(name).Append(Attributes(value)).Append("/>");
                    break;
                case 5:
                    builder.Append(Texts[value % Texts.Length]);
                    break;
                case 6:
                    builder.Insert(builder.Length, string.Concat(Enumerable.Repeat($"<{name}/>", value % 64)));
                    break;
                default:
                    builder.Append(string.Concat(Enumerable.Repeat(Texts[value % 5], value % 32)));
                    break;
            }
        }

        while (open.TryPop(out var last)) builder.Append("</").Append(last).Append('>');
        return builder.Append("</message>").ToString();
    }

    private static string Prefix(int value) => (value % 4) switch { 0 => "p:", 1 => "q:", _ => "" };

    private static string Attributes(int value) => (value % 9) switch
    {
        0 => $" xmlns='{Uris[value / 9 % Uris.Length]}'",
        1 => $" xmlns:p='{Uris[value / 9 % Uris.Length]}'",
        2 => $" xmlns:r{value % 40}='urn:r' r{value % 40}:c='1'",
        3 => $" {Locals[value / 9 % Locals.Length]}='\"&quot;&#34;&gt;' p:c=\"'&#9;\"",
        4 => $" p:{Locals[value / 9 % Locals.Length]}='1'",
        5 => string.Concat(Enumerable.Range(0, value % 70).Select(i => $" a{i}=''")),
        _ => "",
    };

    private static bool IsSame(XmppElement element, XmlElement other)
    {
        if (element.Name != other.LocalName || element.Namespace != other.NamespaceURI) return false;
        var attributes = other.Attributes.Cast<XmlAttribute>().Where(attribute => attribute.NamespaceURI != Namespaces.Xmlns).ToList();
        if (attributes.Count != element.Attributes.Count || attributes.Exists(attribute => element.Get(attribute.LocalName, attribute.NamespaceURI) != attribute.Value)) return false;
        var children = other.ChildNodes.OfType<XmlElement>().ToList();
        var own = element.Elements.ToList();
        if (children.Count != own.Count || string.Concat(other.ChildNodes.OfType<XmlNode>().Where(node => node is not XmlElement).Select(node => node.Value)) != element.Text) return false;
        for (var i = 0; i < own.Count; i++)
        {
            if (!IsSame(own[i], children[i])) return false;
        }

        return true;
    }

    private static IEnumerable<byte[]> Seeds()
    {
        var random = new SeededRandomSource(4000);
        for (var i = 0; i < 24; i++)
        {
            var bytes = new byte[2 + (i * 16)];
            random.Fill(bytes);
            yield return bytes;
        }

        yield return Encoding.UTF8.GetBytes($"<m xmlns='jabber:client'>{string.Concat(Enumerable.Range(0, 20).Select(i => $"<w xmlns:p{i}='urn:{i}'><p{i}:a p{i}:b='1'/></w>"))}</m>");
        yield return "<iq xmlns='jabber:client' type='set' id='1'><p:a xmlns:p='urn:p' p:xmlns='urn:q'/></iq>"u8.ToArray();
    }
}
