using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport.Tests;

/// <summary>A transport at one address of a virtual network, with a record of its output.</summary>
internal sealed class TestPeer : INetworkPeer, IDisposable
{
    public static readonly TransportAddress BridgeAddress = TransportAddress.FromIPv4(0xCB007105, 10000);
    public static readonly TransportAddress ClientAddress = TransportAddress.FromIPv4(0xC6336407, 51000);

    private readonly VirtualNetwork _network;

    public TestPeer(VirtualNetwork network, TransportAddress address, PeerTransportOptions options)
    {
        _network = network;
        Address = address;
        Transport = new PeerTransport(options, new SeededRandomSource(network.Seed ^ address.Low));
        Transport.Ice.AddLocalCandidate(Candidate.CreateHost(address));
        network.Attach(this, address);
    }

    public TransportAddress Address { get; }

    public PeerTransport Transport { get; }

    public List<PeerEvent> Events { get; } = [];

    public List<byte[]> Rtp { get; } = [];

    public List<byte[]> Rtcp { get; } = [];

    public List<PacketKind> Kinds { get; } = [];

    public MonotonicTime NextTimeout => Transport.NextTimeout;

    public IEnumerable<string> Messages => Events.OfType<PeerEvent.ChannelMessage>().Select(m => System.Text.Encoding.UTF8.GetString(m.Data.Span));

    public static TestPeer Bridge(VirtualNetwork network, DtlsOptions? dtls = null, DtlsSetup setup = DtlsSetup.ActPass) => new(
        network,
        BridgeAddress,
        new PeerTransportOptions
        {
            IceRole = IceRole.Controlling,
            DtlsCertificate = Certificates.Bridge,
            Setup = setup,
            EnableSctp = true,
            SctpServer = true,
            Dtls = dtls ?? DtlsOptions.Default,
        });

    public static TestPeer Client(VirtualNetwork network, DtlsOptions? dtls = null, DtlsSetup setup = DtlsSetup.Active) => new(
        network,
        ClientAddress,
        new PeerTransportOptions
        {
            IceRole = IceRole.Controlled,
            DtlsCertificate = Certificates.Client,
            Setup = setup,
            EnableSctp = true,
            SctpServer = false,
            Dtls = dtls ?? DtlsOptions.Default,
        });

    public bool Has<T>()
        where T : PeerEvent => Events.OfType<T>().Any();

    public void HandleTimeout(MonotonicTime now) => Transport.HandleTimeout(now);

    public void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        var kind = Transport.HandleDatagram(datagram, local, remote, now, out var length);
        Kinds.Add(kind);
        if (kind == PacketKind.Rtp) Rtp.Add(datagram[..length]);
        if (kind == PacketKind.Rtcp) Rtcp.Add(datagram[..length]);
    }

    public bool TryDequeueTransmit(out VirtualDatagram datagram)
    {
        Collect();
        var found = Transport.TryDequeueTransmit(out var transmit);
        datagram = new VirtualDatagram(transmit.Local, transmit.Remote, transmit.Datagram);
        return found;
    }

    public void SendRtp(ReadOnlySpan<byte> plain)
    {
        var buffer = new byte[plain.Length + SrtpSession.MaxRtpOverhead];
        Assert.Equal(SrtpResult.Ok, Transport.ProtectRtp(plain, buffer, out var written));
        SendMedia(buffer.AsMemory(0, written));
    }

    public void SendRtcp(ReadOnlySpan<byte> plain)
    {
        var buffer = new byte[plain.Length + SrtpSession.MaxRtcpOverhead];
        Assert.Equal(SrtpResult.Ok, Transport.ProtectRtcp(plain, buffer, out var written));
        SendMedia(buffer.AsMemory(0, written));
    }

    /// <summary>Passes the other side's description as signalling would.</summary>
    public void LearnIce(TestPeer other, bool withCandidates) => Transport.SetRemoteIce(
        other.Transport.Ice.Ufrag, other.Transport.Ice.Password, withCandidates ? other.Transport.Ice.LocalCandidates : [], _network.Now);

    public void LearnDtls(DtlsCertificate certificate, string setup) =>
        Transport.SetRemoteDtls([new Fingerprint("sha-256", certificate.Fingerprint)], setup, _network.Now);

    public void Collect()
    {
        while (Transport.TryDequeueEvent(out var peerEvent)) Events.Add(peerEvent);
    }

    public void Dispose() => Transport.Dispose();

    private void SendMedia(ReadOnlyMemory<byte> packet)
    {
        Assert.True(Transport.TryGetSelectedPair(out var local, out var remote));
        _network.Inject(new VirtualDatagram(local, remote, packet));
    }
}

/// <summary>Making a certificate costs milliseconds; all tests share two.</summary>
internal static class Certificates
{
    public static readonly DtlsCertificate Bridge = Create();
    public static readonly DtlsCertificate Client = Create();
    public static readonly DtlsCertificate Stranger = Create();

    private static DtlsCertificate Create() => DtlsCertificate.Create(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
}
