using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Srtp;
using Transport = JitsiMesh.PeerTransport.PeerTransport;

namespace JitsiMesh.Perf.Load;

/// <summary>ICE, DTLS and SRTP with any server: the same client for JitsiMesh and for its peer.</summary>
internal sealed class WebRtcLink : IMediaLink
{
    private static readonly DateTimeOffset CertificateStart = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset CertificateEnd = new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DtlsCertificate _certificate = DtlsCertificate.Create(CertificateStart, CertificateEnd);
    private readonly Transport _transport;
    private readonly string? _channelGreeting;
    private readonly TransportAddress _local;
    private bool _channelOpen;

    /// <param name="local">The address of the client's socket.</param>
    /// <param name="controlling">The initial ICE role.</param>
    /// <param name="channelGreeting">The message to send on the bridge channel once it is open; null: there is no channel.</param>
    public WebRtcLink(TransportAddress local, bool controlling, string? channelGreeting)
    {
        _local = local;
        _channelGreeting = channelGreeting;
        _transport = new Transport(
            new PeerTransportOptions
            {
                IceRole = controlling ? IceRole.Controlling : IceRole.Controlled,
                DtlsCertificate = _certificate,
                Setup = DtlsSetup.Active,
                EnableSctp = channelGreeting is not null,
                SctpServer = false,
            },
            SecureRandomSource.Instance);
        _transport.Ice.AddLocalCandidate(Candidate.CreateHost(local));
    }

    public bool IsConnected { get; private set; }

    public bool HasChannel => _channelGreeting is null || _channelOpen;

    public string? Failure => _transport.Failure == PeerFailure.None ? null : $"{_transport.Failure} {_transport.DtlsFailureDetail}";

    public string Profile => _transport.Profile?.ToString() ?? "none";

    public string Ufrag => _transport.Ice.Ufrag;

    public string Password => _transport.Ice.Password;

    public Candidate LocalCandidate => _transport.Ice.LocalCandidates[0];

    public string Fingerprint => _certificate.Fingerprint;

    public void Connect(string ufrag, string password, IEnumerable<Candidate> candidates, IReadOnlyList<Fingerprint> fingerprints, string setup, MonotonicTime now)
    {
        _transport.SetRemoteIce(ufrag, password, candidates, now);
        _transport.SetRemoteDtls(fingerprints, setup, now);
        Pump(now);
    }

    public bool TryGetRemote(out TransportAddress remote) => _transport.TryGetSelectedPair(out _, out remote);

    public bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written) => _transport.ProtectRtp(plain, destination, out written) == SrtpResult.Ok;

    public bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written) => _transport.ProtectRtcp(plain, destination, out written) == SrtpResult.Ok;

    public LinkInput Handle(Span<byte> datagram, in TransportAddress from, MonotonicTime now, out int length)
    {
        var kind = _transport.HandleDatagram(datagram, _local, from, now, out length);
        Pump(now);
        return kind switch
        {
            PacketKind.Rtp => LinkInput.Rtp,
            PacketKind.Rtcp => LinkInput.Rtcp,
            PacketKind.Dropped => LinkInput.Bad,
            _ => LinkInput.Other,
        };
    }

    public void Poll(LoadSocket socket, MonotonicTime now)
    {
        if (_transport.NextTimeout <= now)
        {
            _transport.HandleTimeout(now);
            Pump(now);
        }

        while (_transport.TryDequeueTransmit(out var transmit))
        {
            transmit.Datagram.Span.CopyTo(socket.Rent());
            socket.Commit(transmit.Datagram.Length, transmit.Remote);
        }
    }

    public void Dispose()
    {
        _transport.Dispose();
        _certificate.Dispose();
    }

    private void Pump(MonotonicTime now)
    {
        while (_transport.TryDequeueEvent(out var occurrence))
        {
            switch (occurrence)
            {
                case PeerEvent.Connected:
                    IsConnected = true;
                    break;
                case PeerEvent.Failed:
                    IsConnected = false;
                    break;
                case PeerEvent.ChannelsAvailable:
                    _transport.OpenChannel(new DataChannelOptions { Label = "JVB data channel", Protocol = "http://jitsi.org/protocols/colibri" }, now);
                    break;
                case PeerEvent.ChannelOpened opened:
                    _channelOpen = true;
                    _transport.SendChannelMessage(opened.Id, """{"colibriClass":"ClientHello"}"""u8, true, now);
                    _transport.SendChannelMessage(opened.Id, Encoding.UTF8.GetBytes(_channelGreeting!), true, now);
                    break;
            }
        }
    }
}
