using JitsiMesh.Xmpp;

namespace JitsiMesh.Jingle.Tests;

public class GoldenTests
{
    [Fact]
    public void Xep0176_SessionInitiate_IsReadWhole()
    {
        var message = Samples.Read(Samples.Xep0176);
        Assert.Equal(JingleAction.SessionInitiate, message.Action);
        Assert.Equal("a73sjjvkla37jfea", message.Sid);
        Assert.Equal("romeo@montague.lit/orchard", message.Initiator);
        var content = Assert.Single(message.Contents);
        Assert.Equal("this-is-the-audio-content", content.Name);
        Assert.Equal([96, 97, 18, 103, 98], content.Description!.PayloadTypes.Select(type => type.Id));
        Assert.Equal(2, content.Description.PayloadTypes[3].Channels);
        Assert.Equal(0, content.Description.PayloadTypes[2].ClockRate);
        var transport = content.Transport!;
        Assert.Equal(("8hhy", "asd88fgpdd777uzjYhagZg"), (transport.Ufrag, transport.Password));
        var reflexive = transport.Candidates[1];
        Assert.Equal(("192.0.2.3", 45664, 1694498815u, "srflx", "10.0.1.1", 8998), (reflexive.Address, reflexive.Port, reflexive.Priority, reflexive.Type, reflexive.RelatedAddress, reflexive.RelatedPort!.Value));
        var fingerprint = Assert.Single(transport.Fingerprints);
        Assert.Equal(("sha-256", "actpass"), (fingerprint.Hash, fingerprint.Setup));
        Assert.StartsWith("02:1A:CC:54", fingerprint.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void SessionAccept_OfAClient_GivesSourcesGroupsAndLastN()
    {
        var message = Samples.Read(Samples.SessionAccept);
        Assert.Equal(20, message.Contents[1].InitialLastN);
        Assert.Equal(["audio", "video"], message.Group!.Contents);
        var audio = message.Contents[0].Description!;
        Assert.True(audio.RtcpMux && audio.ExtmapAllowMixed);
        Assert.Equal(new Source(501, MediaKind.Audio, "a1b2c3d4-a0", "a1b2c3d4-audio-0-1 9c1f-1"), audio.Sources[0].Source);
        Assert.Equal(new RtcpFeedback("transport-cc"), audio.PayloadTypes[0].Feedback[0]);
        var video = message.Contents[1].Description!;
        Assert.Equal(VideoType.Desktop, video.Sources[2].Source.VideoType);
        Assert.Equal([new SsrcGroup(GroupSemantics.Sim, MediaKind.Video, [1, 2]), new SsrcGroup(GroupSemantics.Fid, MediaKind.Video, [1, 3])], video.Groups);
    }

    [Fact]
    public void SessionTerminate_WithRestart_NamesTheBridgeSession()
    {
        var message = Samples.Read(Samples.Restart);
        Assert.Equal(new JingleReason("connectivity-error", "ICE FAILED"), message.Reason);
        Assert.Equal(new BridgeSessionInfo("0f9c") { Restart = true }, message.BridgeSession);
    }

    [Fact]
    public void Format_OfAnOffer_IsWhatClientsExpect()
    {
        var message = new JingleMessage
        {
            Action = JingleAction.SessionInitiate,
            Initiator = "focus@auth.meet.example/focus",
            Sid = "7k2q0h1v3m",
            Contents =
            [
                new JingleContent
                {
                    Name = "audio",
                    Senders = "both",
                    Description = new RtpDescription
                    {
                        Media = "audio",
                        MaxPtime = "60",
                        PayloadTypes = [new PayloadType { Id = 111, Name = "opus", ClockRate = 48000, Channels = 2, Parameters = [new("minptime", "10")], Feedback = [new("transport-cc")] }],
                        HeaderExtensions = [new(1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level")],
                        ExtmapAllowMixed = true,
                        RtcpMux = true,
                    },
                    Transport = new IceUdpTransport
                    {
                        Ufrag = "9xk2",
                        Password = "3n0f3n0f3n0f3n0f3n0f3n",
                        RtcpMux = true,
                        Fingerprints = [new("sha-256", "actpass", "02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2")],
                        WebSockets = ["wss://jvb.meet.example/colibri-ws/jvb-1/5f2d/a1b2c3d4?pwd=s3"],
                        Candidates = [new() { Id = "c1", Foundation = "1", Protocol = "udp", Priority = 2130706431, Address = "203.0.113.7", Port = 10000, Type = "host" }],
                        SctpMap = new(5000, "webrtc-datachannel", 1024),
                    },
                },
            ],
            Group = new("BUNDLE", ["audio"]),
            StartMuted = new(true, false),
            BridgeSession = new("0f9c", "eu-west"),
        };
        const string expected = """
            <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" initiator="focus@auth.meet.example/focus" sid="7k2q0h1v3m">
            <content creator="initiator" name="audio" senders="both">
            <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio" maxptime="60">
            <payload-type id="111" name="opus" clockrate="48000" channels="2"><parameter name="minptime" value="10"/><rtcp-fb xmlns="urn:xmpp:jingle:apps:rtp:rtcp-fb:0" type="transport-cc"/></payload-type>
            <rtp-hdrext xmlns="urn:xmpp:jingle:apps:rtp:rtp-hdrext:0" id="1" uri="urn:ietf:params:rtp-hdrext:ssrc-audio-level"/>
            <extmap-allow-mixed xmlns="urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"/><rtcp-mux/></description>
            <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="9xk2" pwd="3n0f3n0f3n0f3n0f3n0f3n"><rtcp-mux/>
            <fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass" required="false">02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2</fingerprint>
            <web-socket xmlns="http://jitsi.org/protocol/colibri" url="wss://jvb.meet.example/colibri-ws/jvb-1/5f2d/a1b2c3d4?pwd=s3"/>
            <candidate component="1" foundation="1" generation="0" id="c1" ip="203.0.113.7" network="0" port="10000" priority="2130706431" protocol="udp" type="host"/>
            <sctpmap xmlns="urn:xmpp:jingle:transports:dtls-sctp:1" number="5000" protocol="webrtc-datachannel" streams="1024"/></transport></content>
            <group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"><content name="audio"/></group>
            <startmuted xmlns="http://jitsi.org/jitmeet/start-muted" audio="true" video="false"/>
            <bridge-session xmlns="http://jitsi.org/protocol/focus" id="0f9c" region="eu-west"/></jingle>
            """;
        Assert.Equal(expected.Replace("\n", "", StringComparison.Ordinal), JingleFormat.Format(message).ToString());
    }

    [Theory]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:0' action='session-info' sid='s'/>", JingleParseError.NotJingle)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' sid='s'/>", JingleParseError.MissingAction)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='dance' sid='s'/>", JingleParseError.UnknownAction)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info'/>", JingleParseError.MissingSid)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'><content name='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='-1'/></content></jingle>", JingleParseError.BadSsrc)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'><content name='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' rid='h'/></content></jingle>", JingleParseError.BadSsrc)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'><content name='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='4294967296'/></content></jingle>", JingleParseError.BadSsrc)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'><content name='tickle'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1'/></content></jingle>", JingleParseError.BadMedia)]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'><json-message xmlns='http://jitsi.org/jitmeet'>{</json-message></jingle>", JingleParseError.BadJson)]
    public void TryParse_WhatIsWrong_IsRefusedWithItsReason(string xml, JingleParseError expected) => Assert.Equal(expected, Samples.ErrorOf(xml));

    [Fact]
    public void TryParse_OldSpellingOfSourceAdd_IsKnown() =>
        Assert.Equal(JingleAction.SourceAdd, Samples.Read("<jingle xmlns='urn:xmpp:jingle:1' action='addsource' sid='s'/>").Action);

    [Fact]
    public void Format_OfParse_IsStable()
    {
        foreach (var sample in Samples.All)
        {
            var once = JingleFormat.Format(Samples.Read(sample)).ToString();
            Assert.Equal(once, JingleFormat.Format(Samples.Read(once)).ToString());
        }
    }
}
