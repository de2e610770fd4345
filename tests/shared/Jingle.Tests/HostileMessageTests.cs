using JitsiMesh.Xmpp;

namespace JitsiMesh.Jingle.Tests;

/// <summary>What a client may not put into a message, and what it may get wrong without losing its session.</summary>
public class HostileMessageTests
{
    private const string Fingerprint = "02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2";

    public static TheoryData<string> Injections => ["a\r\nm=audio 9", "a\nb", "a\rb", "a\tb", "a b c", "a\u0085b", "a\u2028b", "a\u00a0b", "\u200bab", "a\"b", "a<b", "ü", "🙂", "a b ", " a b", "a  b"];

    private static XmppElement Message(string action, XmppElement content) =>
        new XmppElement("jingle", JingleNamespaces.Jingle, ("action", action), ("sid", "s")).Add(content);

    private static XmppElement Content(XmppElement child) => new XmppElement("content", JingleNamespaces.Jingle, ("name", "video"), ("creator", "responder")).Add(child);

    private static XmppElement SourceElement(string? name, string? msid)
    {
        var source = new XmppElement("source", JingleNamespaces.Sources, ("ssrc", "7"), ("name", name));
        if (msid is not null) source.Add(new XmppElement("parameter", JingleNamespaces.Rtp, ("name", "msid"), ("value", msid)));
        return source;
    }

    private static XmppElement Transport(string? ufrag, string? pwd, params XmppElement[] children)
    {
        var transport = new XmppElement("transport", JingleNamespaces.IceUdp, ("ufrag", ufrag), ("pwd", pwd));
        foreach (var child in children) transport.Add(child);
        return transport;
    }

    private static JingleParseError ErrorOf(XmppElement message)
    {
        // By way of the parser: a line break comes as a character reference.
        var read = XmppParser.Parse(message.ToString());
        return JingleParser.TryParseRequest(read, out _, out var error) ? JingleParseError.None : error;
    }

    [Theory]
    [MemberData(nameof(Injections))]
    public void No_text_that_reaches_others_carries_what_a_line_of_sdp_cannot(string text)
    {
        foreach (var action in new[] { "source-add", "session-accept", "source-remove", "addsource" })
        {
            Assert.Equal(JingleParseError.BadName, ErrorOf(Message(action, Content(SourceElement("a-v0" + text, "m t")))));
            Assert.Equal(JingleParseError.BadMsid, ErrorOf(Message(action, Content(SourceElement("a-v0", "m t" + text)))));
            Assert.Equal(JingleParseError.BadMsid, ErrorOf(Message(action, Content(SourceElement("a-v0", text + " t")))));
        }
    }

    [Theory]
    [InlineData("a1b2c3d4-a0", "a1b2c3d4-audio-0-1 9c1f-1")]
    [InlineData("a1b2c3d4-v1", "26D16D51-503A-420B-8274-3DD1174E498F 8205D1FC-50B4-407C-87D5-9C45F1B779F0")]
    [InlineData("a1b2c3d4-a0.fr", "{0836cc8e-a7bb-47e9-affb-0599414bc56d} {bdbd2c0a-7959-4578-8db5-9a6a1aec4ecf}")]
    [InlineData(null, "- bdbd2c0a-7959-4578-8db5-9a6a1aec4ecf")]
    [InlineData("", "")]
    [InlineData("some_recorder-v0", "stream")]
    public void What_clients_send_is_taken(string? name, string msid) =>
        Assert.Equal(JingleParseError.None, ErrorOf(Message("source-add", Content(SourceElement(name, msid)))));

    [Theory]
    [InlineData(3, 22, false)]
    [InlineData(4, 22, true)]
    [InlineData(256, 256, true)]
    [InlineData(257, 22, false)]
    [InlineData(2_000, 22, false)]
    [InlineData(4, 21, false)]
    [InlineData(4, 257, false)]
    [InlineData(4, 100_000, false)]
    public void Credentials_have_the_lengths_of_rfc_8839(int ufrag, int pwd, bool taken) =>
        Assert.Equal(taken ? JingleParseError.None : JingleParseError.BadTransport, ErrorOf(Message("transport-info", Content(Transport(new string('u', ufrag), new string('p', pwd))))));

    [Theory]
    [InlineData("uf:g")]
    [InlineData("uf g1")]
    [InlineData("uf\r\na=x")]
    [InlineData("ufrä")]
    [InlineData("uf=g")]
    public void Credentials_have_the_characters_of_rfc_8839(string text)
    {
        Assert.Equal(JingleParseError.BadTransport, ErrorOf(Message("transport-info", Content(Transport(text, new string('p', 22))))));
        Assert.Equal(JingleParseError.BadTransport, ErrorOf(Message("session-accept", Content(Transport("good", new string('p', 22) + text)))));
    }

    public static TheoryData<string?, string, string?, string?> Fingerprints => new()
    {
        { "sha-256", Fingerprint, "sha-256", Fingerprint },
        { "SHA-256", Fingerprint.ToLowerInvariant(), "sha-256", Fingerprint },
        // An octet without its leading zero.
        { "sha-256", Fingerprint[1..].Replace(":03:", ":3:", StringComparison.Ordinal), "sha-256", Fingerprint },
        { "sha-1", Fingerprint[..59], "sha-1", Fingerprint[..59] },
        { "sha-256", Fingerprint[..59], null, null },
        { "sha-1", Fingerprint, null, null },
        { "sha-256", Fingerprint + ":00", null, null },
        { "sha-256", Fingerprint.Replace(':', '-'), null, null },
        { "sha-256", Fingerprint.Replace(":", "", StringComparison.Ordinal), null, null },
        { "sha-256", Fingerprint[..^2] + "\r\n", null, null },
        { "sha-256", "", null, null },
        { "sha3-256", Fingerprint, null, null },
        { "md5", Fingerprint[..47], null, null },
        { null, Fingerprint, null, null },
    };

    [Theory]
    [MemberData(nameof(Fingerprints))]
    public void A_fingerprint_is_one_of_rfc_8122(string? hash, string value, string? readHash, string? readValue)
    {
        var bad = new XmppElement("fingerprint", JingleNamespaces.Dtls, ("hash", hash), ("setup", "juggle")).AddText(value);
        var good = new XmppElement("fingerprint", JingleNamespaces.Dtls, ("hash", "sha-256"), ("setup", "active")).AddText(Fingerprint);
        if (readHash is null)
        {
            Assert.Equal(JingleParseError.BadFingerprint, ErrorOf(Message("session-accept", Content(Transport("good", new string('p', 22), bad)))));
            Assert.True(IceUdpTransportParser.TryParse(Transport("good", new string('p', 22), bad, good), out var rest, out _));
            Assert.Equal([new DtlsFingerprint("sha-256", "active", Fingerprint)], rest.Fingerprints);
            return;
        }

        Assert.True(IceUdpTransportParser.TryParse(Transport("good", new string('p', 22), bad), out var read, out _));
        Assert.Equal([new DtlsFingerprint(readHash, "actpass", readValue!)], read.Fingerprints);
    }

    public static TheoryData<string, string> BadCandidates => new()
    {
        { "foundation", "" },
        { "foundation", new string('1', 33) },
        { "foundation", "1 2" },
        { "component", "0" },
        { "component", "257" },
        { "protocol", "sctp" },
        { "priority", "-1" },
        { "priority", "4294967296" },
        { "ip", "" },
        { "ip", "1.2.3.4\r\na=x" },
        { "ip", "fe80::1%eth0" },
        { "ip", "[::1]" },
        { "ip", new string('a', 254) },
        { "port", "-1" },
        { "port", "65536" },
        { "port", "http" },
        { "type", "magic" },
    };

    private static XmppElement Candidate(string? attribute = null, string value = "")
    {
        var candidate = new XmppElement("candidate", JingleNamespaces.IceUdp, ("component", "1"), ("foundation", "842163049"), ("generation", "0"), ("id", "el0747fg11"),
            ("ip", "10.0.1.1"), ("network", "1"), ("port", "8998"), ("priority", "2130706431"), ("protocol", "udp"), ("type", "host"));
        if (attribute is not null) candidate[attribute] = value;
        return candidate;
    }

    [Theory]
    [MemberData(nameof(BadCandidates))]
    public void A_candidate_that_cannot_be_used_is_left_out_and_the_session_goes_its_way(string attribute, string value)
    {
        Assert.True(IceUdpTransportParser.TryParse(Transport("good", new string('p', 22), Candidate(attribute, value), Candidate()), out var read, out _));
        Assert.Equal("10.0.1.1", Assert.Single(read.Candidates).Address);
    }

    [Theory]
    [InlineData("generation", "undefined")]
    [InlineData("network", "")]
    [InlineData("id", "a b")]
    [InlineData("rel-addr", "1.2.3.4 x")]
    [InlineData("rel-port", "65536")]
    [InlineData("tcptype", "x\r\ny")]
    [InlineData("protocol", "UDP")]
    [InlineData("ip", "0b1c0e6e-0000-4000-8000-123456789abc.local")]
    [InlineData("ip", "2001:db8::7")]
    public void Of_a_candidate_only_what_is_wrong_is_lost(string attribute, string value)
    {
        Assert.True(IceUdpTransportParser.TryParse(Transport("good", new string('p', 22), Candidate(attribute, value)), out var read, out _));
        var candidate = Assert.Single(read.Candidates);
        Assert.Equal((8998, "host", "udp", null, null), (candidate.Port, candidate.Type, candidate.Protocol, candidate.TcpType, candidate.RelatedAddress));
    }

    [Fact]
    public void Candidates_beyond_the_bound_are_left_out()
    {
        var transport = Transport("good", new string('p', 22));
        for (var i = 0; i < 5_000; i++) transport.Add(Candidate("port", "" + (1 + i)));
        Assert.True(IceUdpTransportParser.TryParse(transport, out var read, out _));
        Assert.Equal(JingleLimits.Candidates, read.Candidates.Count);
    }

    /// <summary>Jicofo reads sources, transport and last-n of an accept; the rest may be anything.</summary>
    [Theory]
    [InlineData("<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><payload-type id='400' name='x'/><payload-type name='y'/><payload-type id='9' clockrate='fast' channels='-2'><parameter name='z'/><rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0'/></payload-type></description>")]
    [InlineData("<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='0' uri='u'/><rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='3'/></description>")]
    [InlineData("<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='7' videoType='hologram'/></description>")]
    [InlineData("<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FEC-FR'><source ssrc='7'/></ssrc-group></description>")]
    [InlineData("<initial-last-n xmlns='jitsi:colibri2' value='many'/>")]
    [InlineData("<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ice-generation='x'><sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='no'/></transport>")]
    public void Details_of_an_accept_that_nobody_reads_do_not_refuse_it(string child) => Assert.Equal(JingleParseError.None, ErrorOf(Message("session-accept", Content(XmppParser.Parse(child)))));

    [Fact]
    public void Compact_sources_of_a_client_are_not_read_at_all()
    {
        foreach (var text in new[] { "{", "[]", "{\"sources\":{\"a\":[[{\"s\":1,\"n\":\"x\\r\\n\"}]]}}", new string('[', 10_000), "{\"sources\":{\"\\ud800\":[]}}" })
        {
            var message = new XmppElement("jingle", JingleNamespaces.Jingle, ("action", "source-add"), ("sid", "s")).Add(new XmppElement("json-message", Namespaces.JitMeet).AddText(text));
            Assert.True(JingleParser.TryParseRequest(message, out var read, out _));
            Assert.Null(read.CompactSources);
        }
    }

    [Fact]
    public void One_transport_that_can_be_read_is_enough()
    {
        var message = Message("session-accept", Content(Transport("no", "no"))).Add(Content(Transport("good", new string('p', 22))));
        Assert.Equal(JingleParseError.None, ErrorOf(message));
    }
}
