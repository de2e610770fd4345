using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// Where stanzas for rooms go in: into the mailbox when this node owns the room's partition, else over the link to whoever does.
/// </summary>
public sealed class RoomDoor(PartitionOwner owner, IStanzaLink link)
{
    /// <summary>Waits while the mailbox or the link is full: the client that sends is not read on meanwhile.</summary>
    public async ValueTask PostAsync(RoomInput input, CancellationToken cancellation)
    {
        var partition = Partitions.Of(input.Room);
        if (owner.Mailbox(partition) is { } mailbox)
        {
            if (await mailbox.TryPostAsync(input, cancellation)) return;
            await mailbox.Over.WaitAsync(cancellation);
        }

        await link.SendAsync(LinkQueue.Partition("signalling", partition), input.ToEnvelope(), cancellation);
    }

    /// <summary>For those who must not wait: a session's end is never lost, it comes when there is room.</summary>
    public void Post(RoomInput input)
    {
        if (owner.Mailbox(Partitions.Of(input.Room)) is { } mailbox && mailbox.TryPost(input)) return;
        _ = Task.Run(async () => await PostAsync(input, CancellationToken.None));
    }
}
