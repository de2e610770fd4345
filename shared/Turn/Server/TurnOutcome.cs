using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Server;

/// <summary>What the caller must do with a packet.</summary>
public enum TurnVerdict
{
    /// <summary>The caller must do nothing.</summary>
    Drop,

    /// <summary>Send the answer back to the client.</summary>
    Answer,

    /// <summary>Send the range of the packet to the peer through the allocation's relay.</summary>
    ToPeer,

    /// <summary>Send the range of the buffer to the allocation's client.</summary>
    ToClient,
}

/// <param name="Verdict">The action for the caller.</param>
/// <param name="Offset">The start of the range.</param>
/// <param name="Length">Its octets; for <see cref="TurnVerdict.Answer"/> those of the answer.</param>
/// <param name="Allocation">The allocation of the data.</param>
/// <param name="Peer">The destination of data for the peer.</param>
public readonly record struct TurnOutcome(TurnVerdict Verdict, int Offset, int Length, TurnAllocation? Allocation, TransportAddress Peer)
{
    internal static TurnOutcome Answered(int length) => length == 0 ? default : new TurnOutcome(TurnVerdict.Answer, 0, length, null, default);
}
