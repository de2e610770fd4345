using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// Where stanzas for rooms go in: into the mailbox when this node owns the room's partition, else over the link to whoever does.
/// </summary>
public sealed class RoomDoor(PartitionOwner owner, IStanzaLink link)
{
    private readonly ConcurrentDictionary<Task, bool> _waiting = new();
    private readonly string _ownQueue = LinkQueue.Node("signalling", link.NodeId).Name;

    /// <summary>Waits while the mailbox or the link is full: the client that sends is not read on meanwhile.</summary>
    public async ValueTask PostAsync(RoomInput input, CancellationToken cancellation)
    {
        var partition = Partitions.Of(input.Room);
        if (MailboxOf(input) is { } mailbox)
        {
            // One with a number counts for its client only when it is safe: this node may die before the room has it.
            if (input.SessionNumber is null ? await mailbox.TryPostAsync(input, cancellation) : await mailbox.HandleOwnAsync(input, cancellation)) return;
            await mailbox.Over.WaitAsync(cancellation);
        }

        await link.SendAsync(LinkQueue.Partition("signalling", partition), input.ToEnvelope(), cancellation);
    }

    /// <summary>For those who must not wait: a session's end is never lost, it comes when there is room.</summary>
    public void Post(RoomInput input)
    {
        if (MailboxOf(input) is { } mailbox && mailbox.TryPost(input)) return;
        var waiting = Task.Run(async () => await PostAsync(input, CancellationToken.None));
        _waiting.TryAdd(waiting, true);
        _ = waiting.ContinueWith(ended => _waiting.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    // A session of another queue has come from another node: what it said there may still be in the partition's queue, and this must not overtake it.
    private PartitionMailbox? MailboxOf(RoomInput input) => input.From.Queue == _ownQueue ? owner.Mailbox(Partitions.Of(input.Room)) : null;

    /// <summary>Ends when what was posted so far is in a mailbox or safe in the link, or could not be brought there: one that failed keeps nobody from stopping.</summary>
    public Task DrainAsync(CancellationToken cancellation) =>
        Task.WhenAll(_waiting.Keys.Select(waiting => waiting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default))).WaitAsync(cancellation);
}
