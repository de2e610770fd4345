using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>The envelope that brought a stanza: its number, and the receipt that all sessions share which get it.</summary>
public sealed record LinkOrigin(string Sender, string Room, long Sequence, SharedReceipt Receipt);

/// <summary>One receipt for several sessions: the envelope leaves its queue when each of them has said that its copy is safe. Each says so once.</summary>
public sealed class SharedReceipt(ILinkReceipt receipt, int shares)
{
    private int _left = shares;

    public void Complete()
    {
        if (Interlocked.Decrement(ref _left) == 0) receipt.Complete();
    }
}
