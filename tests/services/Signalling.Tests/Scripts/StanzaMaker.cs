using System.Globalization;
using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>What a payload is extreme in. Each reaches a bound of the parser exactly, as far as the wanted length lets it.</summary>
public enum Extreme
{
    Ordinary,
    Attributes,
    Depth,
    Nodes,
    Prefixes,
    PrefixedAttributes,
    Names,
    Namespaces,
    Characters,
    Streams,
    Forged,
    Anything,
}

/// <summary>Makes what the parser takes from a client and no genuine client says: the same for the same seed.</summary>
public sealed class StanzaMaker(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Characters that a writer must escape, that readers normalise or that end something, as a client may write them.</summary>
    private static readonly string[] Odd =
    [
        "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#13;", "&#10;", "&#9;", "&#x1F600;", "👍", "\n", "\t", "]", "]]&gt;", "]]", "&amp;amp;", "é", "\u0085", "\u2028", "\uFFFD", "&#xFFFD;", "\u200D", "\uFB01", " ",
    ];

    public T Pick<T>(params ReadOnlySpan<T> from) => from[_random.Next(from.Length)];

    public int Below(int bound) => _random.Next(bound);

    /// <summary>Children of a stanza, at most about so many octets long.</summary>
    /// <param name="extreme">What they are extreme in.</param>
    /// <param name="octets">How long.</param>
    /// <param name="beyond">By how much they go over the bound: 0 for what is taken.</param>
    /// <param name="within">How many elements they stand in.</param>
    public string Payload(Extreme extreme, int octets, int beyond = 0, int within = 1) => extreme switch
    {
        Extreme.Attributes => Repeated(octets, () => $"<a xmlns='urn:a' xml:lang='x'{Attributes(XmppLimits.ClientAttributesOfElement - 1 + beyond)}/>"),
        Extreme.Depth => Nested(XmppLimits.ClientDepth - within + beyond, octets),
        // An element and a text are two nodes; what is left is for the stanza's own attributes.
        Extreme.Nodes => "<n xmlns='urn:n'>" + Copies("<n/>x", (beyond > 0 ? XmppLimits.ClientNodes : Math.Min(octets * 2 / 5, XmppLimits.ClientNodes - 10)) / 2) + "</n>",
        Extreme.Prefixes => Prefixes(XmppLimits.Prefixes + beyond, octets),
        Extreme.PrefixedAttributes => PrefixedAttributes(XmppLimits.PrefixedAttributes + beyond, octets),
        Extreme.Names => Names(octets),
        Extreme.Namespaces => Repeated(octets, () => $"<s xmlns='{Namespace(XmppLimits.NamespaceCharacters + beyond)}'>{Text(20)}<t xmlns=''/></s>"),
        Extreme.Characters => $"<c xmlns='urn:c' v='{Text(octets / 8)}' w=\"{Text(octets / 8)}\">{Text(octets / 4)}<![CDATA[<&>]]]]>&gt;<i/>]]<![CDATA[>]]>{Text(octets / 4)}</c>",
        Extreme.Streams => Streams(octets),
        Extreme.Forged => Repeated(octets, Forged),
        Extreme.Anything => Repeated(octets, () => Tree(_random.Next(6))),
        _ => $"<o xmlns='urn:o'>{new string('o', Math.Min(octets, 100))}</o>",
    };

    /// <summary>Text of characters that writers and readers disagree about, for an element or an attribute in either quotes.</summary>
    public string Text(int length)
    {
        var builder = new StringBuilder();
        while (builder.Length < length) builder.Append(_random.Next(3) == 0 ? Pick<string>(Odd) : "abc");
        return builder.ToString();
    }

    private string Repeated(int octets, Func<string> make)
    {
        var builder = new StringBuilder(make());
        while (builder.Length < octets * 3 / 4)
        {
            var next = make();
            if (builder.Length + next.Length > octets) break;
            builder.Append(next);
        }

        return builder.ToString();
    }

    private string Attributes(int count)
    {
        var builder = new StringBuilder();
        for (var i = 0; i < count; i++) builder.Append(CultureInfo.InvariantCulture, $" a{i}='{(_random.Next(4) == 0 ? Text(6) : "v")}'");
        return builder.ToString();
    }

    /// <summary>So many elements inside each other, the last with one more that is empty: an element without content goes no deeper.</summary>
    private string Nested(int depth, int octets)
    {
        var (head, tail) = (new StringBuilder(), new StringBuilder());
        var each = Math.Max(0, (octets / depth) - 60);
        for (var i = 0; i < depth; i++)
        {
            head.Append(CultureInfo.InvariantCulture, $"<d{i} xmlns='urn:d:{i % 3}' k='v'>{Text(_random.Next(Math.Max(1, each / 2)))}");
            tail.Insert(0, $"t</d{i}>");
        }

        return $"{head}<last/>{tail}";
    }

    private string Prefixes(int count, int octets)
    {
        var longest = new string('p', XmppLimits.PrefixCharacters - 3);
        var declarations = string.Concat(Enumerable.Range(0, count).Select(i => $" xmlns:{longest}{i:000}='urn:{i}'"));
        var uses = string.Concat(Enumerable.Range(0, count).Select(i => $"<{longest}{i:000}:e>t</{longest}{i:000}:e>"));
        // The default and the prefix of streams may stand beside them.
        return $"<p xmlns='urn:p' xmlns:stream='{Namespaces.Streams}'{declarations}>{uses}{new string('x', Math.Max(0, (octets / 2) - 2_000))}</p>";
    }

    private string PrefixedAttributes(int count, int octets)
    {
        var builder = new StringBuilder($"<q xmlns='urn:q' xmlns:r='urn:r' xmlns:s='{Namespaces.Streams}' xmlns:a1='urn:other'");
        for (var i = 0; i < count; i++)
        {
            if (i % 5 == 4) builder.Append("/><q xmlns='urn:q' xml:lang='x' xmlns:r='urn:r'");
            builder.Append(CultureInfo.InvariantCulture, $" {(i % 5 < 3 && i < 4 ? Pick<string>("r", "s") : "r")}:a{i}='{Text(4)}'");
        }

        return builder.Append('>').Append('x', Math.Max(0, (octets / 2) - 1_000)).Append("</q>").ToString();
    }

    private string Names(int octets)
    {
        var length = Math.Max(1, (octets / 4) - 20);
        var name = Pick<string>("n", "é", "名", "_", "x") + new string(Pick<char>('n', '.', '-', '7'), length / 2);
        return $"<{name} xmlns='urn:n' {name}='v'>{(_random.Next(2) == 0 ? "t" : "")}</{name}>";
    }

    private string Namespace(int length)
    {
        var builder = new StringBuilder("urn:");
        for (var i = 4; i < length; i++) builder.Append(_random.Next(12) == 0 ? Pick<string>("&amp;", "&lt;", "&quot;", "&#10;", "&#13;", " ", "é") : "n");
        return builder.ToString();
    }

    private string Streams(int octets)
    {
        var filler = new string('x', Math.Max(0, (octets / 2) - 1_000));
        return Pick<string>(
            $"<stream:error xmlns:stream='{Namespaces.Streams}'><stream:stream/><conflict xmlns='{Namespaces.StreamErrors}'/><n xmlns=''>{filler}</n></stream:error>",
            $"<w xmlns='urn:w' xmlns:stream='urn:other'><stream:x stream:y='1'>{filler}</stream:x><z xmlns='{Namespaces.Streams}' stream:y='2'><stream:u/></z></w>",
            $"<w xmlns='urn:w'><features xmlns='{Namespaces.Streams}'><k xmlns='urn:w'><features xmlns='{Namespaces.Streams}'/>{filler}</k></features></w>");
    }

    /// <summary>Something that is taken out on the way, so that what stood around it meets.</summary>
    private string Forged() => Pick<string>(
        "<f xmlns='urn:f'>]]<delay xmlns='urn:xmpp:delay'/>&gt;</f>",
        "<f xmlns='urn:f'>a<x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator'/></x>b<g/></f>",
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='1'/><identity><user><name>x</name></user></identity>",
        "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='x'/><reply id='1' to='x'/>",
        "<f xmlns='urn:f'><delay xmlns='urn:xmpp:delay'/></f>");

    private string Tree(int depth)
    {
        var name = Pick<string>("a", "b", "x", "item", "query", "e1", "body2");
        var declared = Pick<string>("", "", " xmlns='urn:t'", " xmlns=''", " xmlns='urn:u&amp;v'");
        if (depth == 0) return Pick<string>($"<{name}{declared}/>", $"<{name}{declared}></{name}>", Text(10), $"<{name}{declared}{Attributes(_random.Next(5))}/>");
        var builder = new StringBuilder($"<{name}{declared}{Attributes(_random.Next(3))}>");
        for (var i = _random.Next(4); i >= 0; i--) builder.Append(Tree(depth - 1));
        return builder.Append("</").Append(name).Append('>').ToString();
    }

    private static string Copies(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
