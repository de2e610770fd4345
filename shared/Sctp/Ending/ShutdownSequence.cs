using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Ending;

/// <summary>The graceful end (RFC 9260 section 9.2) with its timer T2-shutdown.</summary>
internal sealed class ShutdownSequence(AssociationState state, IAssociation association)
{
    private int _t2Expirations;

    internal MonotonicTime T2 { get; private set; } = MonotonicTime.Never;

    internal void StopTimer() => T2 = MonotonicTime.Never;

    /// <summary>Continues once everything accepted is acknowledged.</summary>
    internal void Advance(MonotonicTime now)
    {
        if (state.Sender is not { IsIdle: true }) return;
        switch (state.State)
        {
            case SctpState.ShutdownPending:
                state.State = SctpState.ShutdownSent;
                Repeat();
                break;
            case SctpState.ShutdownReceived:
                state.State = SctpState.ShutdownAckSent;
                SendShutdownAck();
                break;
            default:
                return;
        }

        _t2Expirations = 0;
        T2 = now + state.Rto.Current;
    }

    /// <summary>A SHUTDOWN with the current cumulative TSN: also the answer to DATA that arrives after the first SHUTDOWN.</summary>
    internal void Repeat()
    {
        Span<byte> cumulative = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(cumulative, state.Receiver!.CumulativeTsn);
        state.Packets.SendControl(ChunkWriter.Chunk(ChunkType.Shutdown, 0, cumulative));
    }

    internal void HandleShutdown(TypedValue chunk, MonotonicTime now)
    {
        if (chunk.Value.Length < 4 || !state.Sender!.HandleCumulative(BinaryPrimitives.ReadUInt32BigEndian(chunk.Value), now))
        {
            state.Counters.Count(SctpDrop.MalformedChunk);
            return;
        }

        switch (state.State)
        {
            case SctpState.Established or SctpState.ShutdownPending:
                state.State = SctpState.ShutdownReceived;
                break;
            case SctpState.ShutdownSent:
                // Both sides shut down at once.
                state.State = SctpState.ShutdownAckSent;
                SendShutdownAck();
                T2 = now + state.Rto.Current;
                break;
        }
    }

    internal void HandleShutdownAck()
    {
        if (state.State is not (SctpState.ShutdownSent or SctpState.ShutdownAckSent))
        {
            state.Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        state.Packets.SendAlone(ChunkWriter.Chunk(ChunkType.ShutdownComplete, 0, []), state.PeerTag);
        association.GoDown(SctpDownReason.ShutDown);
    }

    internal void HandleTimeout(MonotonicTime now)
    {
        if (now < T2) return;
        if (++_t2Expirations > state.Options.MaxRetransmissions)
        {
            association.GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        state.Rto.BackOff();
        T2 = now + state.Rto.Current;
        if (state.State == SctpState.ShutdownSent) Repeat();
        else SendShutdownAck();
    }

    private void SendShutdownAck() => state.Packets.SendControl(ChunkWriter.Chunk(ChunkType.ShutdownAck, 0, []));
}
