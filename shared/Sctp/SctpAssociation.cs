using JitsiMesh.Primitives;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Sctp.Ending;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Sending;
using JitsiMesh.Sctp.Setup;
using JitsiMesh.Sctp.Streams;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp;

/// <summary>
/// One SCTP association over DTLS (RFC 9260, RFC 8261) with its data channels (RFC 8831, RFC 8832). Sans-IO and single-threaded: after each input drain <see
/// cref="TryDequeueTransmit"/> and <see cref="TryDequeueEvent"/>, and call again at <see cref="NextTimeout"/>.
/// </summary>
/// <remarks>It finds the packets for this association and the part for each chunk; the parts have their own state and share <see cref="AssociationState"/>.</remarks>
public sealed class SctpAssociation : IAssociation
{
    private readonly AssociationState _state;
    private readonly PacketAdmission _admission;
    private readonly Handshake _handshake;
    private readonly ShutdownSequence _shutdown;
    private readonly Heartbeats _heartbeats;
    private readonly StreamResets _resets;
    private readonly ChannelTable _channels;
    private bool _moreToFlush;

    public SctpAssociation(SctpOptions options, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        _state = new AssociationState(options, random, Deliver);
        _admission = new PacketAdmission(_state);
        _handshake = new Handshake(_state, this);
        _shutdown = new ShutdownSequence(_state, this);
        _heartbeats = new Heartbeats(_state, this);
        _resets = new StreamResets(_state, this);
        _channels = new ChannelTable(_state, _resets);
    }

    public SctpState State => _state.State;

    public SctpCounters Counters => _state.Counters;

    /// <summary>Bytes accepted by <see cref="SendMessage"/> and not yet acknowledged.</summary>
    public long BufferedBytes => _channels.BufferedBytes;

    public MonotonicTime NextTimeout
    {
        get
        {
            if (_moreToFlush && _state.Packets.Count == 0) return MonotonicTime.Zero;
            var next = MonotonicTime.Min(_handshake.T1, MonotonicTime.Min(_shutdown.T2, _resets.RepeatAt));
            next = MonotonicTime.Min(next, _heartbeats.NextAt);
            if (_state.Receiver is { } receiver) next = MonotonicTime.Min(next, receiver.AcknowledgeAt);
            return _state.Sender is { } sender ? MonotonicTime.Min(next, sender.T3) : next;
        }
    }

    internal CongestionControl? Congestion => _state.Sender?.Congestion;

    internal uint LocalTag => _state.LocalTag;

    /// <summary>A client sends its INIT. A server does nothing: it keeps no state before the COOKIE ECHO.</summary>
    public void Start(MonotonicTime now)
    {
        if (_state.Options.IsServer || State != SctpState.Closed) return;
        _handshake.Start(now);
        Flush(now);
    }

    public void HandlePacket(ReadOnlySpan<byte> packet, MonotonicTime now)
    {
        Counters.PacketsReceived++;
        if (!_admission.TryReadHeader(packet, out var header)) return;
        HandleChunks(header.VerificationTag, packet[PacketHeader.Length..], now);
        Flush(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        _handshake.HandleTimeout(now);
        _shutdown.HandleTimeout(now);
        _resets.HandleTimeout(now);
        _heartbeats.HandleTimeout(now);
        if (_state.Sender is { } sender && now >= sender.T3)
        {
            sender.OnT3(now);
            if (sender.Timeouts > _state.Options.MaxRetransmissions) GoDown(SctpDownReason.TooManyRetransmissions);
        }

        _state.Receiver?.HandleTimeout(now);
        Flush(now);
    }

    public bool TryDequeueTransmit(out ReadOnlyMemory<byte> packet)
    {
        var found = _state.Packets.TryDequeue(out var bytes);
        packet = bytes;
        if (found) Counters.PacketsSent++;
        return found;
    }

    /// <summary>Taking a <see cref="ChannelMessage"/> opens the receive window again.</summary>
    public bool TryDequeueEvent(out SctpEvent sctpEvent)
    {
        if (!_state.Events.TryDequeue(out sctpEvent)) return false;
        if (sctpEvent is ChannelMessage && _state.Receiver is { } receiver && receiver.OnOwnerTook(_state.Events.MessageBytes)) _moreToFlush = true;
        return true;
    }

    /// <summary>May be called before the association is up; messages are then queued.</summary>
    /// <returns>The channel's stream number, or -1 when <see cref="SctpOptions.MaxChannels"/> are open or label or protocol are too long.</returns>
    public int OpenChannel(DataChannelOptions o, MonotonicTime now)
    {
        ArgumentNullException.ThrowIfNull(o);
        var id = _channels.Open(o);
        if (id >= 0) Flush(now);
        return id;
    }

    /// <summary>
    /// False: the channel does not exist or is closing, the message is longer than <see cref="SctpOptions.MaxMessageSize"/>, or <see cref="SctpOptions.SendBuffer"/> bytes are
    /// already queued.
    /// </summary>
    public bool SendMessage(int channelId, ReadOnlySpan<byte> data, bool isText, MonotonicTime now)
    {
        if (!_channels.Send(channelId, data, isText, now)) return false;
        Flush(now);
        return true;
    }

    /// <summary>Accepted messages are still delivered; <see cref="ChannelClosed"/> is raised when both directions are reset.</summary>
    public void CloseChannel(int id, MonotonicTime now)
    {
        if (_channels.Close(id)) Flush(now);
    }

    /// <summary>Delivers everything accepted, then ends.</summary>
    public void Shutdown(MonotonicTime now)
    {
        if (State != SctpState.Established) return;
        _state.State = SctpState.ShutdownPending;
        Flush(now);
    }

    /// <summary>Ends at once with an ABORT to the peer (RFC 9260 section 9.1).</summary>
    public void Abort(MonotonicTime now)
    {
        if (State == SctpState.Closed) return;
        AbortWith(ErrorCause.UserInitiatedAbort, SctpDownReason.AbortedLocally);
    }

    void IAssociation.GoDown(SctpDownReason reason) => GoDown(reason);

    void IAssociation.AbortWith(ushort cause, SctpDownReason reason) => AbortWith(cause, reason);

    void IAssociation.OnBuilt(uint peerInitialTsn) => _resets.Begin(_state.LocalInitialTsn, peerInitialTsn);

    void IAssociation.OnRestarted()
    {
        _channels.CloseAll();
        _state.Packets.ForgetControl();
        _shutdown.StopTimer();
        _state.ForgetRoundTrip();
    }

    void IAssociation.OnEstablished(MonotonicTime now)
    {
        _heartbeats.Start(now);
        _state.Events.Raise(new AssociationUp());
        _channels.SendEarlyMessages();
    }

    void IAssociation.OnIncomingReset(ushort stream) => ResetIncoming(stream);

    void IAssociation.OnAllIncomingReset()
    {
        foreach (var stream in _channels.Streams()) ResetIncoming(stream);
    }

    void IAssociation.OnOutgoingReset(ushort stream) => _channels.OnOutgoingReset(stream);

    private void Deliver(IncomingMessage message) => _channels.HandleMessage(message);

    private void ResetIncoming(ushort stream)
    {
        _state.Receiver!.ResetStream(stream);
        _channels.OnIncomingReset(stream);
    }

    private void Flush(MonotonicTime now)
    {
        _moreToFlush = false;
        if (_state.HasPeer) _resets.StartQueued(now);
        _shutdown.Advance(now);
        _moreToFlush = !_state.Packets.Fill(_state, now);
    }

    private void AbortWith(ushort cause, SctpDownReason reason)
    {
        if (_state.PeerTag != 0) _state.Packets.SendAlone(ChunkWriter.WithCause(ChunkType.Abort, 0, cause, []), _state.PeerTag);
        GoDown(reason);
    }

    private void GoDown(SctpDownReason reason)
    {
        if (State == SctpState.Closed) return;
        _channels.CloseAll();
        _state.Close();
        _handshake.StopTimer();
        _shutdown.StopTimer();
        _resets.StopTimer();
        _heartbeats.StopTimer();
        _state.Events.Raise(new AssociationDown(reason));
    }

    private void HandleChunks(uint tag, ReadOnlySpan<byte> chunks, MonotonicTime now)
    {
        var reader = new ChunkReader(chunks);
        var first = true;
        var dataSeen = false;
        while (reader.TryRead(out var chunk))
        {
            if (first && !_admission.IsForUs(tag, chunk, chunk.Whole.Length >= chunks.Length - 3)) return;
            first = false;
            if (chunk.ChunkType == ChunkType.Data) dataSeen = true;
            if (!HandleChunk(tag, chunk, now) || State == SctpState.Closed) break;
        }

        if (reader.Failed) Counters.Count(SctpDrop.MalformedChunk);

        // Before the COOKIE ACK data is dropped, and an acknowledgement that cannot leave would be due for ever.
        if (dataSeen && _state.MayTransfer) _state.Receiver!.PacketWithDataDone(now);
        _resets.CheckDeferred();
    }

    /// <summary>False: the rest of the packet is not looked at.</summary>
    private bool HandleChunk(uint tag, TypedValue chunk, MonotonicTime now)
    {
        switch (chunk.ChunkType)
        {
            case ChunkType.Init:
                _handshake.HandleInit(chunk, now);
                return false;
            case ChunkType.InitAck:
                _handshake.HandleInitAck(chunk, now);
                return false;
            case ChunkType.CookieEcho:
                _handshake.HandleCookieEcho(tag, chunk, now);
                return tag == _state.LocalTag;
            case ChunkType.CookieAck:
                _handshake.HandleCookieAck(now);
                return true;
            case ChunkType.Abort:
                GoDown(SctpDownReason.AbortedByPeer);
                return false;
            case ChunkType.Error:
                HandleError(chunk, now);
                return true;
            case ChunkType.ShutdownComplete:
                if (State == SctpState.ShutdownAckSent) GoDown(SctpDownReason.ShutDown);
                return false;
        }

        if (State is SctpState.CookieWait or SctpState.CookieEchoed || _state.Sender is not { } sender || _state.Receiver is not { } receiver)
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return true;
        }

        return HandleTransferChunk(sender, receiver, chunk, now);
    }

    private bool HandleTransferChunk(DataSender sender, DataReceiver receiver, TypedValue chunk, MonotonicTime now)
    {
        switch (chunk.ChunkType)
        {
            case ChunkType.Data:
                return HandleData(receiver, chunk);
            case ChunkType.Sack:
                if (!SackChunk.TryParse(chunk, out var sack) || !sender.HandleSack(sack, now)) Counters.Count(SctpDrop.MalformedChunk);
                return true;
            case ChunkType.ForwardTsn:
                if (ForwardTsnChunk.TryParse(chunk, out var forward)) receiver.HandleForwardTsn(forward);
                else Counters.Count(SctpDrop.MalformedChunk);
                return true;
            case ChunkType.Heartbeat:
                _heartbeats.HandleHeartbeat(chunk);
                return true;
            case ChunkType.HeartbeatAck:
                _heartbeats.HandleHeartbeatAck(chunk, now);
                return true;
            case ChunkType.Reconfig:
                _resets.HandleReconfig(chunk);
                return true;
            case ChunkType.Shutdown:
                _shutdown.HandleShutdown(chunk, now);
                return true;
            case ChunkType.ShutdownAck:
                _shutdown.HandleShutdownAck();
                return false;
            default:
                return HandleUnknown(chunk);
        }
    }

    private bool HandleData(DataReceiver receiver, TypedValue chunk)
    {
        if (State is SctpState.ShutdownReceived or SctpState.ShutdownAckSent)
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return true;
        }

        if (!DataChunk.TryParse(chunk, out var data))
        {
            // RFC 9260 section 6.2: "If an endpoint receives a DATA chunk with no user data … it MUST send an ABORT".
            Counters.Count(SctpDrop.MalformedChunk);
            AbortWith(ErrorCause.ProtocolViolation, SctpDownReason.ProtocolViolation);
            return false;
        }

        switch (receiver.Handle(data, _state.Events.MessageBytes))
        {
            case DataVerdict.Duplicate:
                Counters.Count(SctpDrop.DuplicateTsn);
                break;
            case DataVerdict.TooFarAhead:
                Counters.Count(SctpDrop.TooFarAhead);
                break;
            case DataVerdict.WindowExceeded:
                Counters.Count(SctpDrop.WindowExceeded);
                break;
            case DataVerdict.Hopeless:
                AbortWith(ErrorCause.OutOfResource, SctpDownReason.OutOfResource);
                return false;
            case DataVerdict.Taken when data.StreamId >= SctpLimits.MaxStreams:
                Counters.Count(SctpDrop.InvalidStream);
                _state.Packets.SendControl(ChunkWriter.WithCause(ChunkType.Error, 0, ErrorCause.InvalidStreamIdentifier, [(byte)(data.StreamId >> 8), (byte)data.StreamId, 0, 0]));
                break;
        }

        if (State == SctpState.ShutdownSent) _shutdown.Repeat();
        return true;
    }

    /// <summary>RFC 9260 section 3.2: the highest bit means continue, the next one means report.</summary>
    private bool HandleUnknown(TypedValue chunk)
    {
        Counters.Count(SctpDrop.UnknownChunk);
        var type = (byte)chunk.ChunkType;
        if ((type & 0x40) != 0) _state.Packets.SendControl(ChunkWriter.WithCause(ChunkType.Error, 0, ErrorCause.UnrecognizedChunkType, chunk.Whole));
        return (type & 0x80) != 0;
    }

    private void HandleError(TypedValue chunk, MonotonicTime now)
    {
        var causes = new ChunkReader(chunk.Value);
        while (causes.TryRead(out var cause))
        {
            if (cause.ParameterType != ErrorCause.StaleCookie) continue;
            _handshake.HandleStaleCookie(now);
            return;
        }

        if (causes.Failed) Counters.Count(SctpDrop.MalformedChunk);
    }
}
