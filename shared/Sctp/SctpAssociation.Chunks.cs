using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp;

/// <summary>Which chunk goes where, and which packets are for us at all.</summary>
public sealed partial class SctpAssociation
{
    private void HandleChunks(uint tag, ReadOnlySpan<byte> chunks, MonotonicTime now)
    {
        var reader = new ChunkReader(chunks);
        var first = true;
        var dataSeen = false;
        while (reader.TryRead(out var chunk))
        {
            if (first && !IsForUs(tag, chunk, chunk.Whole.Length >= chunks.Length - 3)) return;
            first = false;
            if (chunk.ChunkType == ChunkType.Data) dataSeen = true;
            if (!HandleChunk(tag, chunk, now) || State == SctpState.Closed) break;
        }

        if (reader.Failed) Counters.Count(SctpDrop.MalformedChunk);
        if (dataSeen) _receiver?.PacketWithDataDone(now);
        CheckDeferredReset();
    }

    /// <summary>RFC 9260 sections 8.4 (out of the blue) and 8.5 (verification tag).</summary>
    private bool IsForUs(uint tag, TypedValue chunk, bool isAlone)
    {
        const byte TagIsReflected = 1;
        switch (chunk.ChunkType)
        {
            case ChunkType.Init:
                // "The receiver of an INIT chunk MUST … discard the packet" unless the tag is 0; it never travels with others.
                if (tag == 0 && isAlone) return true;
                break;
            case ChunkType.CookieEcho:
                return true;
            case ChunkType.Abort or ChunkType.ShutdownComplete:
                if (State != SctpState.Closed && tag == ((chunk.Flags & TagIsReflected) != 0 ? _peerTag : _localTag) && tag != 0) return true;
                break;
            case ChunkType.ShutdownAck when State is SctpState.Closed or SctpState.CookieWait or SctpState.CookieEchoed:
                SendAlone(ChunkWriter.Chunk(ChunkType.ShutdownComplete, TagIsReflected, []), tag);
                return false;
            case ChunkType.InitAck or ChunkType.CookieAck or ChunkType.Error when State == SctpState.Closed:
                break;
            default:
                if (State == SctpState.Closed)
                {
                    // Tells a peer whose association we no longer have that it is over.
                    Counters.Count(SctpDrop.WrongVerificationTag);
                    if (tag != 0) SendAlone(ChunkWriter.Chunk(ChunkType.Abort, TagIsReflected, []), tag);
                    return false;
                }

                if (tag == _localTag) return true;
                break;
        }

        Counters.Count(SctpDrop.WrongVerificationTag);
        return false;
    }

    /// <summary>False: the rest of the packet is not looked at.</summary>
    private bool HandleChunk(uint tag, TypedValue chunk, MonotonicTime now)
    {
        switch (chunk.ChunkType)
        {
            case ChunkType.Init:
                HandleInit(chunk, now);
                return false;
            case ChunkType.InitAck:
                HandleInitAck(chunk, now);
                return false;
            case ChunkType.CookieEcho:
                HandleCookieEcho(tag, chunk, now);
                return tag == _localTag;
            case ChunkType.CookieAck:
                HandleCookieAck(now);
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

        if (State is SctpState.CookieWait or SctpState.CookieEchoed || _sender is null)
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return true;
        }

        return HandleEstablishedChunk(chunk, now);
    }

    private bool HandleEstablishedChunk(TypedValue chunk, MonotonicTime now)
    {
        switch (chunk.ChunkType)
        {
            case ChunkType.Data:
                return HandleData(chunk);
            case ChunkType.Sack:
                if (!SackChunk.TryParse(chunk, out var sack) || !_sender!.HandleSack(sack, now)) Counters.Count(SctpDrop.MalformedChunk);
                return true;
            case ChunkType.ForwardTsn:
                if (ForwardTsnChunk.TryParse(chunk, out var forward)) _receiver!.HandleForwardTsn(forward);
                else Counters.Count(SctpDrop.MalformedChunk);
                return true;
            case ChunkType.Heartbeat:
                if (chunk.Whole.Length <= SctpLimits.MaxHeartbeat) SendControl(ChunkWriter.Chunk(ChunkType.HeartbeatAck, 0, chunk.Value));
                else Counters.Count(SctpDrop.TooLong);
                return true;
            case ChunkType.HeartbeatAck:
                HandleHeartbeatAck(chunk, now);
                return true;
            case ChunkType.Reconfig:
                HandleReconfig(chunk);
                return true;
            case ChunkType.Shutdown:
                HandleShutdown(chunk, now);
                return true;
            case ChunkType.ShutdownAck:
                HandleShutdownAck();
                return false;
            default:
                return HandleUnknown(chunk);
        }
    }

    private bool HandleData(TypedValue chunk)
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

        switch (_receiver!.Handle(data, _eventBytes))
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
                SendControl(ChunkWriter.WithCause(ChunkType.Error, 0, ErrorCause.InvalidStreamIdentifier, [(byte)(data.StreamId >> 8), (byte)data.StreamId, 0, 0]));
                break;
        }

        if (State == SctpState.ShutdownSent) RepeatShutdown();
        return true;
    }

    /// <summary>RFC 9260 section 3.2: the highest bit says whether to go on, the next whether to report.</summary>
    private bool HandleUnknown(TypedValue chunk)
    {
        Counters.Count(SctpDrop.UnknownChunk);
        var type = (byte)chunk.ChunkType;
        if ((type & 0x40) != 0) SendControl(ChunkWriter.WithCause(ChunkType.Error, 0, ErrorCause.UnrecognizedChunkType, chunk.Whole));
        return (type & 0x80) != 0;
    }

    private void HandleError(TypedValue chunk, MonotonicTime now)
    {
        var causes = new ChunkReader(chunk.Value);
        while (causes.TryRead(out var cause))
        {
            if (cause.ParameterType != ErrorCause.StaleCookie) continue;
            HandleStaleCookie(now);
            return;
        }

        if (causes.Failed) Counters.Count(SctpDrop.MalformedChunk);
    }
}
