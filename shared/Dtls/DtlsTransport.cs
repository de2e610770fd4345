using System.Security.Cryptography;
using JitsiMesh.Dtls.Native;
using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls;

/// <summary>
/// One DTLS 1.2 connection with use_srtp (RFC 6347, RFC 5764) over OpenSSL's state machine with memory BIOs. Sans-IO and single-threaded: after each
/// input drain <see cref="TryDequeueTransmit"/> and <see cref="TryDequeueApplicationData"/>, and call again at <see cref="NextTimeout"/>.
/// </summary>
/// <remarks>
/// A server that was not started starts with its first datagram. The handshake may run before the peer's fingerprints are known, but
/// <see cref="DtlsState.Connected"/>, the keys and the application data wait for the match.
/// </remarks>
public sealed partial class DtlsTransport : IDisposable
{
    private readonly DtlsOptions _options;
    private readonly OpenSslConnection _connection;
    private readonly Queue<byte[]> _transmits = new();
    private readonly Queue<byte[]> _applicationData = new();
    private readonly List<byte[]> _scratch = [];
    private IReadOnlyList<Fingerprint>? _fingerprints;
    private byte[]? _peerCertificate;
    private FingerprintVerdict? _verdict;
    private bool _handshakeDone;
    private long _recordsRead;
    private int _protectionOverhead = OpenSslConnection.MaxProtectionOverhead;
    private MonotonicTime _handshakeDeadline = MonotonicTime.Never;

    public DtlsTransport(DtlsCertificate certificate, DtlsRole role, DtlsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        Role = role;
        _options = options ?? DtlsOptions.Default;
        _connection = new OpenSslConnection(certificate.Context, role, _options);
        Flights = new FlightRetransmission(_options.InitialRetransmission, () => _connection.Written.Length);
    }

    public DtlsRole Role { get; }

    public DtlsState State { get; private set; }

    public DtlsFailure Failure { get; private set; }

    /// <summary>OpenSSL's text for a <see cref="DtlsFailure.Handshake"/> or <see cref="DtlsFailure.Connection"/>; for logs.</summary>
    public string? FailureDetail { get; private set; }

    /// <summary>Present from <see cref="DtlsState.Connected"/> on, unless use_srtp was switched off.</summary>
    public SrtpKeyingMaterial? KeyingMaterial { get; private set; }

    public DtlsCounters Counters { get; } = new();

    public MonotonicTime NextTimeout => State == DtlsState.Handshaking
        ? MonotonicTime.Min(_handshakeDeadline, Flights.Deadline)
        : MonotonicTime.Never;

    internal FlightRetransmission Flights { get; }

    /// <summary>A client sends its ClientHello; a server starts waiting for one.</summary>
    public void Start(MonotonicTime now)
    {
        if (State != DtlsState.New) return;
        State = DtlsState.Handshaking;
        _handshakeDeadline = now + _options.HandshakeTimeout;
        if (Role == DtlsRole.Client) Advance(now);
    }

    /// <summary>The signalled fingerprints of the peer's certificate. May be set before, during or after the handshake.</summary>
    public void SetRemoteFingerprints(IReadOnlyList<Fingerprint> fingerprints)
    {
        ArgumentNullException.ThrowIfNull(fingerprints);
        _fingerprints = [.. fingerprints.Take(DtlsLimits.MaxFingerprints)];
        if (State != DtlsState.Handshaking || !_handshakeDone) return;
        ConcludeHandshake();
    }

    public void HandleDatagram(ReadOnlySpan<byte> datagram, MonotonicTime now)
    {
        Counters.DatagramsReceived++;
        if (datagram.Length > DtlsLimits.MaxDatagram)
        {
            Counters.Count(DtlsDrop.TooLong);
            return;
        }

        if (datagram.IsEmpty || !RecordPacker.IsWellFormed(datagram, _protectionOverhead, exactVersion: _handshakeDone))
        {
            Counters.Count(DtlsDrop.Malformed);
            return;
        }

        if (State == DtlsState.New && Role == DtlsRole.Server) Start(now);
        if (State is not (DtlsState.Handshaking or DtlsState.Connected))
        {
            Counters.Count(DtlsDrop.WrongState);
            return;
        }

        var wasConnected = State == DtlsState.Connected;
        var (read, sent) = (_recordsRead, _transmits.Count);
        _connection.Feed(datagram);
        Advance(now);
        if (wasConnected && State == DtlsState.Connected && read == _recordsRead && sent == _transmits.Count) Counters.Count(DtlsDrop.WithoutEffect);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (State != DtlsState.Handshaking) return;
        if (now >= _handshakeDeadline)
        {
            Fail(DtlsFailure.Timeout, null);
            return;
        }

        if (Flights.TakeDue(now) is not { } copy) return;
        Counters.Retransmissions++;
        foreach (var datagram in copy) Enqueue(datagram);
    }

    public bool TryDequeueTransmit(out ReadOnlyMemory<byte> datagram)
    {
        var found = _transmits.TryDequeue(out var bytes);
        datagram = bytes;
        if (found) Counters.DatagramsSent++;
        return found;
    }

    public bool TryDequeueApplicationData(out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (State == DtlsState.Handshaking) return false;
        var found = _applicationData.TryDequeue(out var bytes);
        data = bytes;
        return found;
    }

    /// <summary>Sends one record in one datagram. False: not connected, longer than <see cref="DtlsLimits.MaxApplicationData"/>, or the queue is full.</summary>
    public bool Send(ReadOnlySpan<byte> applicationData)
    {
        if (State != DtlsState.Connected || applicationData.IsEmpty || applicationData.Length > DtlsLimits.MaxApplicationData) return false;
        if (_transmits.Count >= DtlsLimits.MaxQueuedDatagrams)
        {
            Counters.Count(DtlsDrop.QueueFull);
            return false;
        }

        bool written;
        using (new CallScope(this)) written = _connection.Write(applicationData);
        if (_connection.Written is { IsEmpty: false } bytes)
        {
            _transmits.Enqueue(bytes.ToArray());
            _connection.ForgetWritten();
        }

        if (!written) Fail(DtlsFailure.Connection, OpenSslErrors.Take());
        return written;
    }

    /// <summary>Sends close_notify once, if there is a peer, and accepts nothing more.</summary>
    public void Close()
    {
        if (State is DtlsState.Failed or DtlsState.Closed) return;
        SendCloseNotify();
        State = DtlsState.Closed;
    }

    public void Dispose()
    {
        _connection.Dispose();
        if (KeyingMaterial is not { } keys) return;
        CryptographicOperations.ZeroMemory(keys.LocalKey);
        CryptographicOperations.ZeroMemory(keys.RemoteKey);
        KeyingMaterial = null;
    }

    /// <summary>Called by OpenSSL during the handshake with the certificate whose key the peer will prove to hold.</summary>
    internal unsafe bool AcceptPeerCertificate(nint certificate)
    {
        var length = OpenSsl.i2d_X509(certificate, null);
        if (length is <= 0 or > DtlsLimits.MaxCertificate) return false;
        var der = new byte[length];
        fixed (byte* start = der)
        {
            var cursor = start;
            if (OpenSsl.i2d_X509(certificate, &cursor) != length) return false;
        }

        _peerCertificate = der;
        if (_fingerprints is null) return true;
        _verdict = FingerprintCheck.Check(_fingerprints, der);
        return _verdict == FingerprintVerdict.Match;
    }
}
