using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;
using JitsiMesh.Srtp;
using Transport = JitsiMesh.PeerTransport.PeerTransport;

namespace JitsiMesh.Simulation.Tests.Endpoints;

/// <summary>A minimal bridge: passes every RTP and RTCP packet of one endpoint unchanged to all others, and sends a hello on channels.</summary>
internal sealed class PlainForwarder(SeededRandomSource random, MonotonicTime start) : INetworkPeer, IDisposable
{
    private readonly DtlsCertificate _certificate = DtlsCertificate.Create(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
    private readonly Dictionary<TransportAddress, Transport> _legs = [];
    private readonly Queue<VirtualDatagram> _outbox = new();

    public List<string> ChannelMessages { get; } = [];

    public MonotonicTime NextTimeout => _legs.Values.Select(l => l.NextTimeout).DefaultIfEmpty(MonotonicTime.Never).Min();

    /// <summary>Adds a leg with its own address for an endpoint and connects both.</summary>
    public void Connect(HeadlessEndpoint endpoint, TransportAddress local)
    {
        var leg = new Transport(new PeerTransportOptions { IceRole = IceRole.Controlling, DtlsCertificate = _certificate, Setup = DtlsSetup.ActPass, EnableSctp = true, SctpServer = true }, random);
        leg.Ice.AddLocalCandidate(Candidate.CreateHost(local));
        _legs.Add(local, leg);
        leg.SetRemoteIce(endpoint.Ufrag, endpoint.Password, endpoint.Candidates, start);
        leg.SetRemoteDtls([endpoint.Fingerprint], "active", start);
        endpoint.Connect(leg.Ice.Ufrag, leg.Ice.Password, leg.Ice.LocalCandidates, [new Fingerprint("sha-256", _certificate.Fingerprint)], start);
    }

    public void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        var leg = _legs[local];
        var kind = leg.HandleDatagram(datagram, local, remote, now, out var length);
        if (kind is PacketKind.Rtp or PacketKind.Rtcp) foreach (var other in _legs.Values.Where(l => l != leg)) Forward(other, datagram.AsSpan(0, length), kind);
        Drain(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        foreach (var leg in _legs.Values) if (leg.NextTimeout <= now) leg.HandleTimeout(now);
        Drain(now);
    }

    public bool TryDequeueTransmit(out VirtualDatagram datagram)
    {
        foreach (var leg in _legs.Values)
        {
            if (!leg.TryDequeueTransmit(out var transmit)) continue;
            datagram = new VirtualDatagram(transmit.Local, transmit.Remote, transmit.Datagram);
            return true;
        }

        return _outbox.TryDequeue(out datagram);
    }

    public void Dispose()
    {
        foreach (var leg in _legs.Values) leg.Dispose();
        _certificate.Dispose();
    }

    private void Forward(Transport leg, ReadOnlySpan<byte> plain, PacketKind kind)
    {
        if (!leg.TryGetSelectedPair(out var local, out var remote) || leg.DtlsState != DtlsState.Connected) return;
        var buffer = new byte[plain.Length + SrtpSession.MaxRtcpOverhead];
        var result = kind == PacketKind.Rtp ? leg.ProtectRtp(plain, buffer, out var length) : leg.ProtectRtcp(plain, buffer, out length);
        if (result == SrtpResult.Ok) _outbox.Enqueue(new VirtualDatagram(local, remote, buffer.AsMemory(0, length)));
    }

    private void Drain(MonotonicTime now)
    {
        foreach (var leg in _legs.Values)
        {
            while (leg.TryDequeueEvent(out var occurrence))
            {
                if (occurrence is not PeerEvent.ChannelMessage message) continue;
                ChannelMessages.Add(System.Text.Encoding.UTF8.GetString(message.Data.Span));
                if (ChannelMessages[^1].Contains("ClientHello", StringComparison.Ordinal)) leg.SendChannelMessage(message.Id, """{"colibriClass":"ServerHello"}"""u8, true, now);
            }
        }
    }
}
