using JitsiMesh.Dtls.Native;
using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls;

public sealed partial class DtlsTransport
{
    /// <summary>Lets OpenSSL process its input as far as it can, and collects its output.</summary>
    private void Advance(MonotonicTime now)
    {
        var result = StepResult.NeedsInput;
        string? detail = null;
        using (new CallScope(this))
        {
            if (!_handshakeDone)
            {
                result = _connection.Handshake();
                if (result == StepResult.Done)
                {
                    _handshakeDone = true;
                    _protectionOverhead = _connection.ProtectionOverhead;
                }
            }

            if (_handshakeDone) result = ReadApplicationData();
            if (result == StepResult.Failed) detail = OpenSslErrors.Take();
        }

        CollectWritten(now);
        switch (result)
        {
            case StepResult.Failed when State == DtlsState.Connected:
                Fail(DtlsFailure.Connection, detail);
                break;
            case StepResult.Failed:
                Fail(FailureOf(_verdict), detail);
                break;
            case StepResult.Ended:
                // RFC 5246 section 7.2.1: the other side answers with its own close_notify and closes at once.
                SendCloseNotify();
                State = DtlsState.Closed;
                break;
            default:
                if (_handshakeDone && State == DtlsState.Handshaking) ConcludeHandshake();
                break;
        }
    }

    private StepResult ReadApplicationData()
    {
        Span<byte> buffer = stackalloc byte[DtlsLimits.MaxDatagram];
        while (true)
        {
            var result = _connection.Read(buffer, out var length);
            if (result != StepResult.Done) return result;
            _recordsRead++;
            if (length > DtlsLimits.MaxApplicationData) Counters.Count(DtlsDrop.TooLong);
            else if (_applicationData.Count >= DtlsLimits.MaxQueuedApplicationData) Counters.Count(DtlsDrop.QueueFull);
            else _applicationData.Enqueue(buffer[..length].ToArray());
        }
    }

    /// <summary>All flights are complete; trust and keys are still missing.</summary>
    private void ConcludeHandshake()
    {
        Flights.Stop();
        if (_fingerprints is null)
        {
            // The flights are complete, so only signalling is pending, which has its own timeouts.
            _handshakeDeadline = MonotonicTime.Never;
            return;
        }

        _verdict = FingerprintCheck.Check(_fingerprints, _peerCertificate);
        if (_verdict != FingerprintVerdict.Match)
        {
            SendCloseNotify();
            Fail(FailureOf(_verdict), null);
            return;
        }

        if (_options.SrtpProfiles.Length > 0)
        {
            if (!_connection.TryExportSrtpKeys(Role, out var keys))
            {
                // RFC 5764 section 4.1 lets such a handshake succeed; without keys there is no media, so here it fails.
                SendCloseNotify();
                Fail(DtlsFailure.NoSrtpProfile, null);
                return;
            }

            KeyingMaterial = keys;
        }

        State = DtlsState.Connected;
    }

    private static DtlsFailure FailureOf(FingerprintVerdict? verdict) => verdict switch
    {
        FingerprintVerdict.Mismatch => DtlsFailure.FingerprintMismatch,
        FingerprintVerdict.Unsupported => DtlsFailure.FingerprintUnsupported,
        _ => DtlsFailure.Handshake,
    };

    private void Fail(DtlsFailure failure, string? detail)
    {
        Flights.Stop();
        _applicationData.Clear();
        State = DtlsState.Failed;
        Failure = failure;
        FailureDetail = detail;
    }

    private void SendCloseNotify()
    {
        if (!_handshakeDone) return;
        using (new CallScope(this)) _connection.Shutdown();
        foreach (var datagram in Split(_connection.Written)) Enqueue(datagram);
        _connection.ForgetWritten();
    }

    private void CollectWritten(MonotonicTime now)
    {
        Flights.Sort(_connection.Written, _options.Mtu, _connection.TimerRuns, now, _scratch);
        _connection.ForgetWritten();
        foreach (var datagram in _scratch) Enqueue(datagram);
        _scratch.Clear();
    }

    private List<byte[]> Split(ReadOnlySpan<byte> written)
    {
        var datagrams = new List<byte[]>(1);
        RecordPacker.Pack(written, _options.Mtu, datagrams, datagrams);
        return datagrams;
    }

    /// <summary>Handshake datagrams displace the oldest ones of a full queue, since the peer waits for them.</summary>
    private void Enqueue(byte[] datagram)
    {
        if (_transmits.Count >= DtlsLimits.MaxQueuedDatagrams)
        {
            _transmits.Dequeue();
            Counters.Count(DtlsDrop.QueueFull);
        }

        _transmits.Enqueue(datagram);
    }

    /// <summary>Makes the transport available to the callbacks during a call, and clears OpenSSL's per-thread error queue before it.</summary>
    private readonly ref struct CallScope
    {
        private readonly DtlsTransport? _outer;

        public CallScope(DtlsTransport transport)
        {
            _outer = DtlsCallbacks.Caller;
            DtlsCallbacks.Caller = transport;
            OpenSsl.ERR_clear_error();
        }

        public void Dispose() => DtlsCallbacks.Caller = _outer;
    }
}
