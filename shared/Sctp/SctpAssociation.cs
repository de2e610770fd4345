using JitsiMesh.Primitives;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Sending;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp;

/// <summary>
/// One SCTP association over DTLS (RFC 9260, RFC 8261) with its data channels (RFC 8831, RFC 8832). Sans-IO and single-threaded: after each input drain
/// <see cref="TryDequeueTransmit"/> and <see cref="TryDequeueEvent"/>, and come back at <see cref="NextTimeout"/>.
/// </summary>
public sealed partial class SctpAssociation
{
    private const int ForwardTsnRoom = 1024;

    private readonly SctpOptions _options;
    private readonly IRandomSource _random;
    private readonly byte[] _cookieKey = new byte[StateCookie.KeyLength];
    private readonly Queue<byte[]> _transmits = new();
    private readonly Queue<SctpEvent> _events = new();
    private readonly Queue<byte[]> _control = new();
    private readonly PacketBuilder _builder = new();
    private RetransmissionTimeout _rto;
    private DataSender? _sender;
    private DataReceiver? _receiver;
    private uint _localTag;
    private uint _peerTag;
    private int _eventBytes;
    private bool _moreToFlush;

    public SctpAssociation(SctpOptions options, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        _options = options;
        _random = random;
        _random.Fill(_cookieKey);
        _rto = new RetransmissionTimeout(options);
    }

    public SctpState State { get; private set; }

    public SctpCounters Counters { get; } = new();

    /// <summary>Bytes accepted by <see cref="SendMessage"/> and not yet acknowledged.</summary>
    public long BufferedBytes => (_sender?.BufferedBytes ?? 0) + _earlyBytes;

    public MonotonicTime NextTimeout
    {
        get
        {
            if (_moreToFlush && _transmits.Count == 0) return MonotonicTime.Zero;
            var next = MonotonicTime.Min(_t1, MonotonicTime.Min(_t2, _reconfigTimer));
            next = MonotonicTime.Min(next, _heartbeatTimer);
            if (_receiver is not null) next = MonotonicTime.Min(next, _receiver.AcknowledgeAt);
            return _sender is null ? next : MonotonicTime.Min(next, _sender.T3);
        }
    }

    internal CongestionControl? Congestion => _sender?.Congestion;

    internal uint LocalTag => _localTag;

    private bool HasAssociation => State is not (SctpState.Closed or SctpState.CookieWait);

    public void HandlePacket(ReadOnlySpan<byte> packet, MonotonicTime now)
    {
        Counters.PacketsReceived++;
        if (packet.Length < PacketHeader.Length + 4)
        {
            Counters.Count(SctpDrop.TooShort);
            return;
        }

        if (packet.Length > SctpLimits.MaxPacketRead)
        {
            Counters.Count(SctpDrop.TooLong);
            return;
        }

        if (!PacketHeader.HasValidChecksum(packet))
        {
            Counters.Count(SctpDrop.BadChecksum);
            return;
        }

        var header = PacketHeader.Read(packet);
        if (header.DestinationPort != _options.LocalPort || header.SourcePort != _options.RemotePort)
        {
            Counters.Count(SctpDrop.WrongPort);
            return;
        }

        HandleChunks(header.VerificationTag, packet[PacketHeader.Length..], now);
        Flush(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        HandleSetupTimers(now);
        HandleShutdownTimer(now);
        HandleReconfigTimer(now);
        HandleHeartbeatTimer(now);
        if (_sender is { } sender && now >= sender.T3)
        {
            sender.OnT3(now);
            if (sender.Timeouts > _options.MaxRetransmissions) GoDown(SctpDownReason.TooManyRetransmissions);
        }

        _receiver?.HandleTimeout(now);
        Flush(now);
    }

    public bool TryDequeueTransmit(out ReadOnlyMemory<byte> packet)
    {
        var found = _transmits.TryDequeue(out var bytes);
        packet = bytes;
        if (found) Counters.PacketsSent++;
        return found;
    }

    /// <summary>Taking a <see cref="ChannelMessage"/> opens the receive window again.</summary>
    public bool TryDequeueEvent(out SctpEvent sctpEvent)
    {
        if (!_events.TryDequeue(out sctpEvent!)) return false;
        if (sctpEvent is ChannelMessage message)
        {
            _eventBytes -= message.Data.Length + SctpLimits.PieceOverhead;
            if (_receiver is not null && _receiver.OnOwnerTook(_eventBytes)) _moreToFlush = true;
        }

        return true;
    }

    /// <summary>Ends at once and tells the peer (RFC 9260 section 9.1).</summary>
    public void Abort(MonotonicTime now)
    {
        if (State == SctpState.Closed) return;
        AbortWith(ErrorCause.UserInitiatedAbort, SctpDownReason.AbortedLocally);
    }

    /// <summary>Packs what may leave: control chunks, then a SACK, then data, in as many packets as the windows and the queue allow.</summary>
    private void Flush(MonotonicTime now)
    {
        _moreToFlush = false;
        if (HasAssociation) StartQueuedReset(now);
        AdvanceShutdown(now);
        while (true)
        {
            if (_transmits.Count >= SctpLimits.MaxQueuedPackets)
            {
                _moreToFlush = true;
                return;
            }

            _builder.Begin();
            while (_control.TryPeek(out var chunk) && _builder.TryAdd(chunk)) _control.Dequeue();
            if (_sender is not null && _receiver is not null && HasAssociation && State != SctpState.CookieEchoed) AddData(now);
            if (_builder.IsEmpty) return;
            _transmits.Enqueue(_builder.Finish(Header(_peerTag)));
        }
    }

    private void AddData(MonotonicTime now)
    {
        if (_receiver!.TryTakeSack(_builder.Space, besideData: false, out var sack)) _builder.TryAdd(sack);
        if (_sender!.ForwardTsnDue && _builder.Space >= ForwardTsnRoom) _builder.TryAdd(_sender.FormatForwardTsn());
        if (State is SctpState.ShutdownSent or SctpState.ShutdownAckSent) return;
        while (_sender.TryTake(_builder.Space, now, out var chunk)) _builder.Add(chunk);
        _sender.PacketDone();
        if (_builder.HasData && _receiver.TryTakeSack(_builder.Space, besideData: true, out sack)) _builder.TryAdd(sack);

        // What expired while this packet was filled is told in the next one.
        if (_builder.IsEmpty && _sender.ForwardTsnDue) _builder.TryAdd(_sender.FormatForwardTsn());
    }

    private PacketHeader Header(uint tag) => new(_options.LocalPort, _options.RemotePort, tag);

    /// <summary>INIT, INIT ACK, ABORT and SHUTDOWN COMPLETE travel alone, some of them under another tag.</summary>
    private void SendAlone(byte[] chunk, uint tag)
    {
        if (_transmits.Count >= SctpLimits.MaxQueuedPackets)
        {
            Counters.Count(SctpDrop.QueueFull);
            return;
        }

        _builder.Begin();
        _builder.TryAdd(chunk);
        _transmits.Enqueue(_builder.Finish(Header(tag)));
    }

    private void SendControl(byte[] chunk)
    {
        if (_control.Count >= SctpLimits.MaxQueuedControlChunks || chunk.Length > SctpLimits.MaxPacket - PacketHeader.Length)
        {
            Counters.Count(SctpDrop.QueueFull);
            return;
        }

        _control.Enqueue(chunk);
    }

    private void Raise(SctpEvent sctpEvent)
    {
        if (_events.Count >= SctpLimits.MaxQueuedEvents && sctpEvent is not AssociationDown)
        {
            Counters.Count(SctpDrop.QueueFull);
            return;
        }

        _events.Enqueue(sctpEvent);
    }

    private void AbortWith(ushort cause, SctpDownReason reason)
    {
        if (_peerTag != 0) SendAlone(ChunkWriter.WithCause(ChunkType.Abort, 0, cause, []), _peerTag);
        GoDown(reason);
    }

    private void GoDown(SctpDownReason reason)
    {
        if (State == SctpState.Closed) return;
        CloseAllChannels();
        State = SctpState.Closed;
        _control.Clear();
        _sender = null;
        _receiver = null;
        _localTag = 0;
        _peerTag = 0;
        _t1 = _t2 = _reconfigTimer = _heartbeatTimer = MonotonicTime.Never;
        _rto = new RetransmissionTimeout(_options);
        Raise(new AssociationDown(reason));
    }
}
