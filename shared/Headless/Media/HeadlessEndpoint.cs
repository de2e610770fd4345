using System.Text;
using JitsiMesh.Dtls;
using JitsiMesh.Ice;

using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Srtp;
using Transport = JitsiMesh.PeerTransport.PeerTransport;

namespace JitsiMesh.Headless.Media;

/// <summary>
/// A headless WebRTC client for a bridge: ICE-controlled, DTLS client. It sends generated audio and simulcast video, checks what it receives, answers NACK, PLI and FIR,
/// reports arrivals, and uses the bridge channel. No I/O: a virtual network or <see cref="Sockets.UdpEndpointRunner"/> transports its datagrams.
/// </summary>
public sealed partial class HeadlessEndpoint : IDisposable
{
    // Peers check a certificate against its fingerprint, not against its dates.
    private static readonly DateTimeOffset CertificateStart = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset CertificateEnd = new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HeadlessEndpointOptions _options;
    private readonly Transport _transport;
    private readonly DtlsCertificate _certificate;
    private readonly Queue<Datagram> _outbox = new();
    private readonly OutgoingPackets _packets;
    private readonly AudioSource _audio;
    private readonly VideoSource[] _video;
    private int _channel = -1;
    private bool _mediaStarted;

    public HeadlessEndpoint(HeadlessEndpointOptions options, IRandomSource random, params TransportAddress[] locals)
    {
        _options = options;
        _certificate = DtlsCertificate.Create(CertificateStart, CertificateEnd);
        _transport = new Transport(
            new PeerTransportOptions { IceRole = IceRole.Controlled, Ice = new IceAgentOptions { ChecksTcp = true }, DtlsCertificate = _certificate, Dtls = options.Dtls, Setup = DtlsSetup.Active, EnableSctp = options.UsesDataChannel, SctpServer = false },
            random);
        foreach (var local in locals) _transport.Ice.AddLocalCandidate(Candidate.CreateHost(local));
        _packets = new OutgoingPackets(options);
        _audio = new AudioSource(options, _packets, random.NextUInt32(), random);
        _video = [.. options.Encodings.Select(e => new VideoSource(options, e, _packets, new SsrcPair(random.NextUInt32(), random.NextUInt32()), random))];
    }

    public string Id => _options.Id;

    public string Ufrag => _transport.Ice.Ufrag;

    public string Password => _transport.Ice.Password;

    public IReadOnlyList<Candidate> Candidates => _transport.Ice.LocalCandidates;

    /// <summary>Of our certificate, sha-256.</summary>
    public Fingerprint Fingerprint => new("sha-256", _certificate.Fingerprint);

    public uint AudioSsrc => _audio.Ssrc;

    /// <summary>The simulcast group, the smallest first.</summary>
    public IReadOnlyList<SsrcPair> VideoSsrcs => [.. _video.Select(v => v.Ssrcs)];

    public bool IsConnected { get; private set; }

    /// <summary>When ICE and DTLS were done for the first time; <see cref="MonotonicTime.Never"/> before.</summary>
    public MonotonicTime ConnectedAt { get; private set; } = MonotonicTime.Never;

    /// <summary>Audio is muted: no audio is sent.</summary>
    public bool AudioPaused { get; private set; }

    /// <summary>The camera is off.</summary>
    public bool VideoPaused { get; private set; }

    public PeerFailure Failure => _transport.Failure;

    public ProtectionProfile? Profile => _transport.Profile;

    public bool IsChannelOpen => _channel >= 0;

    public BridgeChannelState Channel { get; } = new();

    /// <summary>Called with each SCTP packet before encryption; for tests that attack the bridge.</summary>
    public Action<ReadOnlyMemory<byte>>? SctpTap
    {
        get => _transport.SctpTap;
        set => _transport.SctpTap = value;
    }

    /// <summary>Called with each RTP and RTCP packet before it is protected; for tests that attack the bridge.</summary>
    public Action<ReadOnlyMemory<byte>>? MediaTap { get; set; }

    public PeerTransportCounters TransportCounters => _transport.Counters;

    /// <summary>-dBov: 127 is silence.</summary>
    public byte AudioLevel
    {
        get => _audio.Level;
        set => _audio.Level = value;
    }

    public MonotonicTime NextTimeout
    {
        get
        {
            var next = _transport.NextTimeout;
            if (!_mediaStarted) return next;
            next = MonotonicTime.Min(next, _nextReport);
            if (_options.SendsAudio && !AudioPaused) next = MonotonicTime.Min(next, _audio.Next);
            if (_options.SendsVideo && !VideoPaused) foreach (var video in _video) next = MonotonicTime.Min(next, video.Next);
            return next;
        }
    }

    /// <summary>Sets the bridge's description.</summary>
    /// <param name="ufrag">Its ICE user fragment.</param>
    /// <param name="password">Its ICE password.</param>
    /// <param name="candidates">Its candidates.</param>
    /// <param name="fingerprints">Of its certificate.</param>
    /// <param name="now">The time.</param>
    /// <param name="setup">The bridge's setup attribute.</param>
    public void Connect(string ufrag, string password, IEnumerable<Candidate> candidates, IReadOnlyList<Fingerprint> fingerprints, MonotonicTime now, string setup = "actpass")
    {
        _transport.SetRemoteIce(ufrag, password, candidates, now);
        _transport.SetRemoteDtls(fingerprints, setup, now);
        Pump(now);
    }

    /// <summary>Checks over a TCP connection that was opened to a passive candidate of the bridge's.</summary>
    /// <param name="local">Our side of it.</param>
    /// <param name="candidate">The bridge's.</param>
    /// <param name="now">The time.</param>
    public void AddConnection(TransportAddress local, Candidate candidate, MonotonicTime now)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        _transport.Ice.AddLocalCandidate(Candidate.CreateTcpActive(local));
        _transport.Ice.AddRemoteCandidate(candidate, now);
        Pump(now);
    }

    /// <summary>The connection has ended.</summary>
    public void HandleConnectionClosed(TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        _transport.HandleConnectionClosed(local, remote, now);
        Pump(now);
    }

    /// <summary>The pair that media use now; false for none.</summary>
    public bool TryGetSelectedPair(out TransportAddress local, out TransportAddress remote) => _transport.TryGetSelectedPair(out local, out remote);

    public void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now) => HandleDatagram(datagram.AsSpan(), local, remote, now);

    public void HandleDatagram(Span<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        switch (_transport.HandleDatagram(datagram, local, remote, now, out var length))
        {
            case PacketKind.Rtp:
                OnRtp(datagram, length, now);
                break;
            case PacketKind.Rtcp:
                OnRtcp(datagram[..length], now);
                break;
        }

        Pump(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (_transport.NextTimeout <= now) _transport.HandleTimeout(now);
        if (_mediaStarted)
        {
            if (_options.SendsAudio && !AudioPaused) while (_audio.Poll(now) is { } packet) SendRtp(packet);
            if (_options.SendsVideo && !VideoPaused) foreach (var video in _video) while (video.Poll(now) is { } packet) SendRtp(packet);
            Report(now);
        }

        Pump(now);
    }

    public bool TryDequeueTransmit(out Datagram datagram)
    {
        if (_transport.TryDequeueTransmit(out var transmit))
        {
            datagram = new Datagram(transmit.Local, transmit.Remote, transmit.Datagram);
            return true;
        }

        return _outbox.TryDequeue(out datagram);
    }

    /// <summary>Sends a message on the data channel; false when it is not open.</summary>
    public bool SendChannelMessage(string json, MonotonicTime now) => SendChannelMessage(Encoding.UTF8.GetBytes(json), now);

    /// <inheritdoc cref="SendChannelMessage(string, MonotonicTime)"/>
    public bool SendChannelMessage(ReadOnlySpan<byte> utf8, MonotonicTime now)
    {
        if (_channel < 0) return false;
        var sent = _transport.SendChannelMessage(_channel, utf8, isText: true, now);
        Pump(now);
        return sent;
    }

    /// <summary>Mutes or unmutes; the sources continue with the next number.</summary>
    public void PauseAudio(bool paused, MonotonicTime now)
    {
        if (AudioPaused && !paused && _mediaStarted) _audio.Start(now);
        AudioPaused = paused;
    }

    /// <inheritdoc cref="PauseAudio"/>
    public void PauseVideo(bool paused, MonotonicTime now)
    {
        if (VideoPaused && !paused && _mediaStarted)
        {
            foreach (var video in _video)
            {
                video.Start(now);
                video.RequestKeyframe();
            }
        }

        VideoPaused = paused;
    }

    /// <summary>Handles a message from the bridge channel, for a caller whose channel is a WebSocket.</summary>
    public void HandleChannelMessage(ReadOnlySpan<byte> utf8)
    {
        if (Channel.Handle(utf8) != "SenderSourceConstraints") return;
        if (!Channel.SenderConstraints.TryGetValue($"{Id}-v0", out var height)) return;

        // The smallest encoding is sent whenever any size is wanted.
        for (var i = 0; i < _video.Length; i++) _video[i].IsActive = height < 0 || (height > 0 && (i == 0 || _video[i].Encoding.Height <= height));
    }

    /// <summary>Sends bytes over DTLS where the bridge expects SCTP; for tests that attack it.</summary>
    public void SendOverDtls(ReadOnlySpan<byte> data, MonotonicTime now)
    {
        _transport.SendOverDtls(data);
        Pump(now);
    }

    /// <summary>Protects and sends a packet unchanged; for tests that attack the bridge.</summary>
    public void SendMedia(ReadOnlySpan<byte> plain, bool isRtcp)
    {
        if (isRtcp) SendRtcp(plain);
        else SendRtp(plain);
    }

    public void Close(MonotonicTime now) => _transport.Close(now);

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
                    if (ConnectedAt == MonotonicTime.Never) ConnectedAt = now;
                    StartMedia(now);
                    break;
                case PeerEvent.Failed:
                    IsConnected = false;
                    break;
                case PeerEvent.ChannelsAvailable:
                    _transport.OpenChannel(new DataChannelOptions { Label = "JVB data channel", Protocol = "http://jitsi.org/protocols/colibri" }, now);
                    break;
                case PeerEvent.ChannelOpened opened:
                    _channel = opened.Id;
                    _transport.SendChannelMessage(_channel, """{"colibriClass":"ClientHello"}"""u8, true, now);
                    if (_options.ReceiverConstraints is { } constraints) _transport.SendChannelMessage(_channel, Encoding.UTF8.GetBytes(constraints), true, now);
                    break;
                case PeerEvent.ChannelMessage message:
                    HandleChannelMessage(message.Data.Span);
                    break;
                case PeerEvent.ChannelClosed or PeerEvent.ChannelsLost:
                    _channel = -1;
                    break;
            }
        }
    }

    private void StartMedia(MonotonicTime now)
    {
        if (_mediaStarted) return;
        _mediaStarted = true;
        _nextReport = now;
        _audio.Start(now);
        foreach (var video in _video) video.Start(now);
    }

    private void SendRtp(byte[] plain)
    {
        MediaTap?.Invoke(plain);
        SendRtp(plain.AsSpan());
    }

    private void SendRtp(ReadOnlySpan<byte> plain)
    {
        if (!_transport.TryGetSelectedPair(out var local, out var remote)) return;
        var buffer = new byte[plain.Length + SrtpSession.MaxRtpOverhead];
        if (_transport.ProtectRtp(plain, buffer, out var length) != SrtpResult.Ok) return;
        RtpSent++;
        _outbox.Enqueue(new Datagram(local, remote, buffer.AsMemory(0, length)));
    }

    private void SendRtcp(ReadOnlySpan<byte> plain)
    {
        if (plain.IsEmpty || !_transport.TryGetSelectedPair(out var local, out var remote)) return;
        var buffer = new byte[plain.Length + SrtpSession.MaxRtcpOverhead];
        MediaTap?.Invoke(plain.ToArray());
        if (_transport.ProtectRtcp(plain, buffer, out var length) != SrtpResult.Ok) return;
        _outbox.Enqueue(new Datagram(local, remote, buffer.AsMemory(0, length)));
    }
}
