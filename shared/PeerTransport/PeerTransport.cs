using System.Diagnostics.CodeAnalysis;
using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport;

/// <summary>
/// One endpoint's ICE, DTLS, SRTP and SCTP as one state machine. Sans-IO and single-threaded: after each input drain <see cref="TryDequeueTransmit"/> and <see
/// cref="TryDequeueEvent"/>, and call again at <see cref="NextTimeout"/>.
/// </summary>
/// <remarks>
/// 1. The owner adds local candidates to <see cref="Ice"/>; from now on checks of the client are answered.
/// 2. <see cref="SetRemoteIce"/> starts the local checks. The first valid pair opens the path in both directions.
/// 3. Earlier DTLS datagrams are replayed; an undetermined role becomes server with the first ClientHello.
/// 4. <see cref="SetRemoteDtls"/> sets the fingerprints. Only a match gives the state Connected and the keys.
/// 5. Media are unprotected in place and protected into the receiver's buffer, without allocation; SCTP runs over DTLS.
/// 6. <see cref="BeginIceRestart"/> creates a second agent; keys and association stay.
/// </remarks>
public sealed partial class PeerTransport : IDisposable
{
    private readonly PeerTransportOptions _options;
    private readonly IRandomSource _random;
    private readonly IcePaths _paths;
    private readonly EarlyDatagrams _earlyDtls = new();
    private readonly Queue<PeerEvent> _events = [];

    private DtlsRole? _dtlsRole;
    private DtlsTransport? _dtls;
    private DtlsState _dtlsSeen;
    private IReadOnlyList<Fingerprint>? _remoteFingerprints;
    private SrtpSession? _srtp;
    private SctpAssociation? _sctp;
    private bool _disposed;

    public PeerTransport(PeerTransportOptions options, IRandomSource random)
    {
        _options = options;
        _random = random;
        _paths = new IcePaths(options, random, Raise);
        _dtlsRole = DtlsRoleResolution.Resolve(options.Setup, null);
    }

    /// <summary>The agent in use.</summary>
    public IceAgent Ice => _paths.Current;

    /// <summary>During a restart the agent that is to take over.</summary>
    public IceAgent? RestartingIce => _paths.Pending;

    /// <summary>Of <see cref="Ice"/>; 0 before any restart.</summary>
    public int IceGeneration => _paths.CurrentGeneration;

    public DtlsState DtlsState => _dtls?.State ?? DtlsState.New;

    /// <summary>Null until it is decided.</summary>
    public DtlsRole? DtlsRole => _dtlsRole;

    /// <summary>OpenSSL's words for a failed handshake; for logs.</summary>
    public string? DtlsFailureDetail => _dtls?.FailureDetail;

    /// <summary>Null until <see cref="PeerEvent.Connected"/>.</summary>
    public ProtectionProfile? Profile { get; private set; }

    /// <summary>The last failure; a restart that connects clears an ICE failure.</summary>
    public PeerFailure Failure { get; private set; }

    public PeerTransportCounters Counters { get; } = new();

    /// <summary>Of the DTLS connection; null before there is one and after the end.</summary>
    public DtlsCounters? DtlsCounters => _dtls?.Counters;

    /// <summary>Of the SCTP association; null where there is none.</summary>
    public SctpCounters? SctpCounters => _sctp?.Counters;

    public MonotonicTime NextTimeout
    {
        get
        {
            if (_disposed) return MonotonicTime.Never;
            var next = _paths.NextTimeout;
            if (_dtls is not null) next = MonotonicTime.Min(next, _dtls.NextTimeout);
            return _sctp is null ? next : MonotonicTime.Min(next, _sctp.NextTimeout);
        }
    }

    /// <summary>Sets credentials and known candidates of the latest described generation. Repeating it changes nothing, and neither does a late answer to an abandoned restart.</summary>
    /// <param name="ufrag">The remote's.</param>
    /// <param name="password">The remote's.</param>
    /// <param name="candidates">May be empty: the remote's checks reveal its addresses.</param>
    /// <param name="now">The time.</param>
    /// <param name="generation">The generation of the restart that the description answers; 0 if unknown.</param>
    public void SetRemoteIce(string ufrag, string password, IEnumerable<Candidate> candidates, MonotonicTime now, int generation = 0)
    {
        if (_paths.AgentFor(ufrag, generation) is not { } agent) return;
        agent.SetRemoteCredentials(ufrag, password, now);
        foreach (var candidate in candidates) agent.AddRemoteCandidate(candidate, now);
        Pump(now);
    }

    /// <param name="fingerprints">The fingerprints of which the remote's certificate must match one.</param>
    /// <param name="setup">The remote's role: active, passive or actpass.</param>
    /// <param name="now">The time.</param>
    public void SetRemoteDtls(IReadOnlyList<Fingerprint> fingerprints, string setup, MonotonicTime now)
    {
        _remoteFingerprints = fingerprints;
        _dtlsRole ??= DtlsRoleResolution.Resolve(_options.Setup, setup);
        _dtls?.SetRemoteFingerprints(fingerprints);
        Pump(now);
    }

    /// <summary>
    /// Creates a second agent with new credentials and the same local candidates. It starts its checks when <see cref="SetRemoteIce"/> passes the remote's new credentials,
    /// takes over when it has a valid pair, and is removed when it has none in time. A restart already in progress is dropped at once.
    /// </summary>
    public IceAgent BeginIceRestart(MonotonicTime now)
    {
        var agent = _paths.BeginRestart(now);
        Pump(now);
        return agent;
    }

    /// <summary>The generation of <see cref="RestartingIce"/>, which its description contains.</summary>
    public int RestartGeneration => _paths.PendingGeneration;

    /// <param name="datagram">May be changed in place.</param>
    /// <param name="local">The local socket address that received it.</param>
    /// <param name="remote">The source address.</param>
    /// <param name="now">The time of its arrival.</param>
    /// <param name="length">Plain bytes at the buffer's start, for <see cref="PacketKind.Rtp"/> and <see cref="PacketKind.Rtcp"/>.</param>
    public PacketKind HandleDatagram(Span<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now, out int length)
    {
        length = 0;
        switch (DatagramClassifier.Classify(datagram))
        {
            case DatagramClass.Rtp:
                return HandleRtp(datagram, out length);
            case DatagramClass.Rtcp:
                return HandleRtcp(datagram, out length);
            case DatagramClass.Stun:
                return HandleStun(datagram, local, remote, now);
            case DatagramClass.Dtls:
                return HandleDtls(datagram, local, remote, now);
            default:
                Counters.Count(PeerDrop.UnknownClass);
                return PacketKind.Dropped;
        }
    }

    /// <summary>A TCP connection that carried datagrams has ended (see <see cref="IceAgent.HandleConnectionClosed"/>).</summary>
    public void HandleConnectionClosed(TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (_disposed) return;
        _paths.HandleConnectionClosed(local, remote, now);
        Pump(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (_disposed) return;
        if (_paths.NextTimeout <= now) _paths.HandleTimeout(now);
        if (_dtls?.NextTimeout <= now) _dtls.HandleTimeout(now);
        if (_sctp?.NextTimeout <= now) _sctp.HandleTimeout(now);
        Pump(now);
    }

    public bool TryDequeueTransmit(out PeerTransmit transmit)
    {
        if (_paths.TryDequeueTransmit(out var check))
        {
            transmit = new PeerTransmit(check.Local, check.Remote, check.Datagram);
            return true;
        }

        // Without a pair the flights wait in the transport.
        if (_dtls is not null && TryGetSelectedPair(out var local, out var remote) && _dtls.TryDequeueTransmit(out var datagram))
        {
            transmit = new PeerTransmit(local, remote, datagram);
            return true;
        }

        transmit = default;
        return false;
    }

    public bool TryDequeueEvent([NotNullWhen(true)] out PeerEvent? peerEvent) => _events.TryDequeue(out peerEvent);

    /// <summary>The destination of media. False: none yet, or none any more.</summary>
    public bool TryGetSelectedPair(out TransportAddress local, out TransportAddress remote) => _paths.Current.TryGetSelectedPair(out local, out remote);

    /// <summary>Whether a STUN response matches a pending check of this peer. Nothing is verified yet; for an owner that cannot find the peer by the source address.</summary>
    public bool AwaitsResponse(ReadOnlySpan<byte> stunResponse) => _paths.AwaitsResponse(stunResponse);

    /// <summary>Sends close_notify to the remote if possible. Drain the transmits, then dispose.</summary>
    public void Close(MonotonicTime now)
    {
        if (_disposed) return;
        if (DtlsState == DtlsState.Connected) _sctp?.Abort(now);
        DrainSctp(now);
        _dtls?.Close();
        if (_dtls is not null) _dtlsSeen = _dtls.State;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _paths.Close();
        _srtp?.Dispose();
        _dtls?.Dispose();
        _srtp = null;
        _dtls = null;
        _sctp = null;
    }

    private PacketKind HandleStun(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        var result = _paths.HandleStun(datagram, local, remote, now);
        Counters.Count(result);

        // Also after a refused input: the agent may have noticed the time and ended.
        Pump(now);
        return result switch
        {
            IceInput.RequestAnswered or IceInput.RoleConflictAnswered => PacketKind.Check,
            IceInput.ResponseAccepted => PacketKind.CheckAnswer,
            >= IceInput.Malformed => PacketKind.Dropped,
            _ => PacketKind.None,
        };
    }

    private void Raise(PeerEvent peerEvent)
    {
        if (peerEvent is PeerEvent.Failed failed) Failure = failed.Reason;
        if (peerEvent is PeerEvent.IceConnected && Failure is PeerFailure.IceConsentExpired or PeerFailure.IceNoValidPair) Failure = PeerFailure.None;
        if (peerEvent is PeerEvent.ChannelMessage && _events.Count >= PeerTransportLimits.MaxQueuedEvents)
        {
            Counters.Count(PeerDrop.EventsFull);
            return;
        }

        _events.Enqueue(peerEvent);
    }
}
