using System.Text;
using JitsiMesh.Primitives;

namespace JitsiMesh.Xmpp.Tests;

/// <summary>Streams over TCP: RFC 6120 sections 4 and 11.</summary>
public sealed class XmppStreamReaderTests
{
    private const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='meet.jitsi' version='1.0'>";
    private const int Maximum = 16 * 1024;

    private static readonly string[] Streams =
    [
        $"<?xml version='1.0'?>{Header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGE=</auth></stream:stream>",
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n{Header}\n\n<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq> <presence/> \n<message to='a@b'><body>é👍 &lt;&amp;&gt; ]] ></body></message></stream:stream >",
        $"{Header}<message a='>' b=\"/message>\" c='/>'><b><![CDATA[</message>]]]]><![CDATA[>]]></b></message><r xmlns='urn:xmpp:sm:3' />",
        "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' xmlns:p='urn:p' to='x' version='1.0'><p:a p:b='1'/><iq><p:q xmlns:p='urn:other'/></iq></s:stream>",
        $"{Header}<a>{string.Concat(Enumerable.Repeat("<b>", 60))}", $"{Header}<a></b></a>", $"{Header}<!-- x -->", $"{Header}<a><!-- x --></a>", $"{Header}<a><?p?></a>", $"{Header}<?xml version='1.0'?>",
        "<!DOCTYPE a>", "<?xml version='1.0' encoding='latin1'?>" + Header, "<?xml version='1.0'?><?xml version='1.0'?>" + Header, " <?xml version='1.0'?>" + Header, $"{Header}text", $"{Header}</stream:other>",
        $"{Header}<m>{new string('x', Maximum)}</m>", $"{Header}<m>{new string('x', Maximum - "<m></m>".Length)}</m>", "<stream:stream/>", "</stream:stream>", "<a>", $"{Header}<a b='<'/>", $"{Header}<message></message", "GET / HTTP/1.1\r\n\r\n",
        "\u0016\u0003\u0001", $"{Header}<a>&#0;</a>", $"{Header}<a>&x;</a>", $"{Header}{Header}",
    ];

    [Fact]
    public void A_stream_is_read_part_by_part()
    {
        var reader = new XmppStreamReader();
        var parts = ReadAll(reader, Encoding.UTF8.GetBytes(Streams[1]));
        Assert.Equal([XmppStreamPartKind.Header, XmppStreamPartKind.Element, XmppStreamPartKind.Element, XmppStreamPartKind.Element, XmppStreamPartKind.End], parts.Select(p => p.Kind));
        Assert.Equal(("meet.jitsi", "1.0", true), (parts[0].Header!.To, parts[0].Header!.Version, parts[0].Header!.IsClientStream));
        Assert.Equal(Namespaces.Client, parts[1].Element!.Namespace);
        Assert.Equal("é👍 <&> ]] >", parts[3].Element!.Child("body", Namespaces.Client)!.Text);
        Assert.Equal([0, 2, 1, 2, 0], parts.Select(p => p.Space));
        Assert.Equal(Encoding.UTF8.GetByteCount("<message to='a@b'><body>é👍 &lt;&amp;&gt; ]] ></body></message>"), parts[3].Octets);
    }

    [Fact]
    public void Marks_in_values_and_in_character_data_are_no_ends()
    {
        var parts = ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes(Streams[2]));
        Assert.Equal("</message>]]>", parts[1].Element!.Child("b")!.Text);
        Assert.Equal("/message>", parts[1].Element!["b"]);
        Assert.Equal(("r", Namespaces.StreamManagement), (parts[2].Element!.Name, parts[2].Element!.Namespace));
    }

    [Fact]
    public void What_the_header_declares_holds_in_each_element()
    {
        var parts = ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes(Streams[3]));
        Assert.Equal(("a", "urn:p", "1"), (parts[1].Element!.Name, parts[1].Element!.Namespace, parts[1].Element!.Get("b", "urn:p")));
        Assert.Equal("urn:other", parts[2].Element!.Child("q")!.Namespace);
        Assert.Equal(XmppStreamPartKind.End, parts[3].Kind);
    }

    [Fact]
    public void Prefixes_of_the_header_count_for_the_bound_of_each_element()
    {
        string Declared(int count, int from = 0) => string.Concat(Enumerable.Range(from, count).Select(i => $" xmlns:p{i}='urn:{i}'"));
        var header = Header.Replace(" to=", $"{Declared(10)} to=", StringComparison.Ordinal);
        Assert.Equal(XmppStreamPartKind.Element, ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes($"{header}<a{Declared(6, 10)}/>"))[1].Kind);
        Assert.Equal(XmppParseError.TooManyPrefixes, ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes($"{header}<a{Declared(7, 10)}/>"))[1].Error);
    }

    [Theory]
    [InlineData("<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='a' version='1.0'>")]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='urn:other' to='a' version='1.0'>")]
    [InlineData("<stream:streams xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='a' version='1.0'>")]
    [InlineData("<stream xmlns='http://etherx.jabber.org/streams' to='a' version='1.0'>")]
    public void Another_root_opens_no_clients_stream(string header) =>
        Assert.False(Assert.Single(ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes(header))).Header!.IsClientStream);

    [Theory]
    [InlineData("<!-- x -->", XmppParseError.RestrictedXml)]
    [InlineData("<a><!-- x --></a>", XmppParseError.RestrictedXml)]
    [InlineData("<a><?p?></a>", XmppParseError.RestrictedXml)]
    [InlineData("<a><!DOCTYPE x></a>", XmppParseError.RestrictedXml)]
    [InlineData("<?xml version='1.0'?>", XmppParseError.RestrictedXml)]
    [InlineData("<![CDATA[x]]>", XmppParseError.RestrictedXml)]
    [InlineData("<a>&x;</a>", XmppParseError.RestrictedXml)]
    [InlineData("text", XmppParseError.NotWellFormed)]
    [InlineData("<a></b>", XmppParseError.NotWellFormed)]
    [InlineData("</stream:other>", XmppParseError.NotWellFormed)]
    [InlineData("<a b='<'/>", XmppParseError.NotWellFormed)]
    public void What_is_no_XMPP_is_refused_and_nothing_is_read_after_it(string text, XmppParseError error)
    {
        var reader = new XmppStreamReader();
        var parts = ReadAll(reader, Encoding.UTF8.GetBytes($"{Header}{text}<presence/>"));
        Assert.Equal((XmppStreamPartKind.Refused, error), (parts[^1].Kind, parts[^1].Error));
        Assert.Equal(2, parts.Count);
        Assert.Equal(error, reader.Read("<presence/>"u8, Maximum, out var consumed).Error);
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void Octets_that_are_no_UTF8_are_refused()
    {
        byte[] bad = [.. Encoding.ASCII.GetBytes($"{Header}<a>"), 0xC3, 0x28, .. "</a>"u8];
        Assert.Equal(XmppParseError.UnsupportedEncoding, ReadAll(new XmppStreamReader(), bad)[1].Error);
        Assert.Equal(XmppParseError.UnsupportedEncoding, Assert.Single(ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes(Streams[11]))).Error);
    }

    [Fact]
    public void A_part_may_be_as_long_as_the_bound_and_no_octet_longer()
    {
        Assert.Equal(XmppStreamPartKind.Element, ReadAll(new XmppStreamReader(), Encoding.UTF8.GetBytes(Streams[17]))[1].Kind);
        var reader = new XmppStreamReader();
        Assert.Equal(XmppParseError.TooLong, ReadAll(reader, Encoding.UTF8.GetBytes(Streams[16]))[1].Error);
        Assert.Equal(0, reader.BufferOctets);
    }

    [Fact]
    public void A_part_that_never_ends_is_kept_up_to_the_bound_and_not_beyond()
    {
        var reader = new XmppStreamReader();
        reader.Read(Encoding.UTF8.GetBytes($"{Header}<m>"), Maximum, out var used);
        reader.Read("<m>"u8, Maximum, out _);
        Assert.Equal(Header.Length, used);
        var chunk = new byte[1000];
        chunk.AsSpan().Fill((byte)'x');
        var kind = XmppStreamPartKind.Incomplete;
        for (var sent = 0; sent <= Maximum && kind == XmppStreamPartKind.Incomplete; sent += chunk.Length)
        {
            kind = reader.Read(chunk, Maximum, out _).Kind;
            Assert.InRange(reader.BufferOctets, 0, Maximum);
        }

        Assert.Equal(XmppStreamPartKind.Refused, kind);
    }

    [Fact]
    public void After_a_restart_a_new_header_is_read_and_the_old_declarations_are_gone()
    {
        var reader = new XmppStreamReader();
        ReadAll(reader, Encoding.UTF8.GetBytes(Header.Replace(" to=", " xmlns:p='urn:p' to=", StringComparison.Ordinal)));
        reader.Restart();
        var parts = ReadAll(reader, Encoding.UTF8.GetBytes($"<?xml version='1.0'?>{Header}<p:a/>"));
        Assert.Equal(XmppStreamPartKind.Header, parts[0].Kind);
        Assert.Equal(XmppParseError.NotWellFormed, parts[1].Error);
    }

    [Fact]
    public void A_split_at_any_octet_gives_the_same()
    {
        foreach (var text in Streams)
        {
            var octets = Encoding.UTF8.GetBytes(text);
            var whole = Describe(ReadAll(new XmppStreamReader(), octets));
            for (var at = 0; at <= octets.Length; at += octets.Length > 4000 ? 97 : 1) Assert.Equal(whole, Describe(ReadAll(new XmppStreamReader(), octets[..at], octets[at..])));
            Assert.Equal(whole, Describe(ReadAll(new XmppStreamReader(), [.. octets.Select(octet => new[] { octet })])));
        }
    }

    [Fact]
    public void Any_splits_of_mutated_streams_give_the_same()
    {
        var random = new SeededRandomSource(20261201);
        for (var round = 0; round < 3_000; round++)
        {
            var octets = Encoding.UTF8.GetBytes(Streams[random.NextInt(16)]);
            for (var changes = random.NextInt(4); changes > 0; changes--) octets[random.NextInt(octets.Length)] = "<>/'\"?!=&]ax \u00c3"u8[random.NextInt(15)];
            var pieces = new List<byte[]>();
            for (var from = 0; from < octets.Length;)
            {
                var to = Math.Min(octets.Length, from + 1 + random.NextInt(20));
                pieces.Add(octets[from..to]);
                from = to;
            }

            var (whole, split) = (Describe(ReadAll(new XmppStreamReader(), octets)), Describe(ReadAll(new XmppStreamReader(), [.. pieces])));
            Assert.True(whole == split, $"round {round}: {whole}\n{split}\n{Encoding.UTF8.GetString(octets)}");
        }
    }

    private static List<XmppStreamPart> ReadAll(XmppStreamReader reader, params byte[][] pieces)
    {
        var parts = new List<XmppStreamPart>();
        var space = 0;
        foreach (var piece in pieces)
        {
            for (var from = 0; from < piece.Length;)
            {
                var part = reader.Read(piece.AsSpan(from), Maximum, out var consumed);
                from += consumed;
                Assert.InRange(from, 0, piece.Length);
                if (part.Kind == XmppStreamPartKind.Incomplete)
                {
                    Assert.Equal(piece.Length, from);
                    space += part.Space;
                    continue;
                }

                parts.Add(part with { Space = part.Kind == XmppStreamPartKind.Refused ? 0 : part.Space + space });
                space = 0;
                if (part.Kind == XmppStreamPartKind.Refused) return parts;
            }
        }

        return parts;
    }

    private static string Describe(List<XmppStreamPart> parts) =>
        string.Join('\n', parts.Select(p => $"{p.Kind} {p.Octets} {p.Space} {p.Growth} {p.Error} {p.Element} {p.Header?.Element} {p.Header?.DefaultNamespace}"));
}
