using System.Buffers.Binary;
using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Sctp.DataChannels;

namespace JitsiMesh.PeerTransport.Tests;

/// <summary>A bridge and a client that get each other's descriptions as from focus: the client gets the offer with candidates, the bridge the answer without.</summary>
internal sealed class Call : IDisposable
{
    private ushort _sequence;
    private uint _reports;

    public Call(ulong seed, LinkConditions? conditions = null, DtlsOptions? clientDtls = null)
    {
        Network = new VirtualNetwork(seed, conditions);
        Bridge = TestPeer.Bridge(Network);
        Client = TestPeer.Client(Network, clientDtls);
    }

    public VirtualNetwork Network { get; }

    public TestPeer Bridge { get; }

    public TestPeer Client { get; }

    public bool IsConnected => Bridge.Transport.DtlsState == DtlsState.Connected && Client.Transport.DtlsState == DtlsState.Connected;

    public static byte[] RtpPacket(ushort sequence, uint ssrc, int payload = 100)
    {
        var packet = new byte[12 + payload];
        packet[0] = 0x80;
        packet[1] = 111;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), sequence * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        packet.AsSpan(12).Fill((byte)sequence);
        return packet;
    }

    /// <summary>A receiver report with one block (RFC 3550 section 6.4.2).</summary>
    public static byte[] ReceiverReport(uint ssrc, uint highest)
    {
        var packet = new byte[32];
        packet[0] = 0x81;
        packet[1] = 201;
        packet[3] = 7;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), highest);
        return packet;
    }

    public Call Offer()
    {
        Client.LearnIce(Bridge, withCandidates: true);
        Client.LearnDtls(Certificates.Bridge, "actpass");
        return this;
    }

    public Call Answer()
    {
        Bridge.LearnIce(Client, withCandidates: false);
        Bridge.LearnDtls(Certificates.Client, "active");
        return this;
    }

    public Call Connect(TimeSpan? limit = null)
    {
        Offer().Answer();
        Assert.True(Network.RunUntil(() => IsConnected, limit ?? TimeSpan.FromSeconds(5)), ToString());
        Network.RunFor(TimeSpan.FromMilliseconds(200));
        return this;
    }

    public int OpenChannel(TimeSpan? limit = null)
    {
        Assert.True(Network.RunUntil(() => Client.Has<PeerEvent.ChannelsAvailable>(), limit ?? TimeSpan.FromSeconds(5)), ToString());
        var id = Client.Transport.OpenChannel(
            new DataChannelOptions { Label = "JVB data channel", Protocol = "http://jitsi.org/protocols/colibri" }, Network.Now);
        Assert.True(Network.RunUntil(() => Bridge.Has<PeerEvent.ChannelOpened>() && Client.Has<PeerEvent.ChannelOpened>(), limit ?? TimeSpan.FromSeconds(5)), ToString());
        return id;
    }

    public void SendText(TestPeer from, int channel, string text) =>
        Assert.True(from.Transport.SendChannelMessage(channel, Encoding.UTF8.GetBytes(text), isText: true, Network.Now));

    /// <summary>Sends one RTP and one RTCP packet in each direction over a lossless link, and checks that they arrive unchanged.</summary>
    public void AssertMediaFlowsBothWays()
    {
        var conditions = Network.Conditions;
        Network.Conditions = LinkConditions.Perfect;
        foreach (var (from, to, ssrc) in new[] { (Bridge, Client, 0x1111u), (Client, Bridge, 0x2222u) })
        {
            var rtp = RtpPacket(_sequence++, ssrc);
            var rtcp = ReceiverReport(ssrc, ++_reports);
            from.SendRtp(rtp);
            from.SendRtcp(rtcp);
            Assert.True(
                Network.RunUntil(() => to.Rtp.Exists(p => p.AsSpan().SequenceEqual(rtp)) && to.Rtcp.Exists(p => p.AsSpan().SequenceEqual(rtcp)), TimeSpan.FromSeconds(1)),
                ToString());
        }

        Network.Conditions = conditions;
    }

    public override string ToString() => $"bridge {Describe(Bridge)}, client {Describe(Client)}, {Network}";

    public void Dispose()
    {
        Bridge.Dispose();
        Client.Dispose();
    }

    private static string Describe(TestPeer peer) =>
        $"ICE {peer.Transport.Ice.State} DTLS {peer.Transport.DtlsState} {peer.Transport.Failure} {peer.Transport.DtlsFailureDetail}";
}
