using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// Where stanzas for rooms go in: into the mailbox when this node owns the room's partition, else over the link to its owner.
/// </summary>
public sealed class RoomDoor(PartitionOwner owner, IStanzaLink link)
{
    private readonly Task[] _tails = [.. Enumerable.Repeat(Task.CompletedTask, Partitions.Count)];
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

    /// <summary>For those who must not wait: a session's end is never lost, it comes when there is room. What is posted for rooms of one partition comes in the order in which it was posted.</summary>
    public void Post(RoomInput input)
    {
        var partition = Partitions.Of(input.Room);
        lock (_tails)
        {
            var tail = _tails[partition];
            if (tail.IsCompleted && MailboxOf(input) is { } mailbox && mailbox.TryPost(input)) return;
            _tails[partition] = PostAfterAsync(tail, input);
        }
    }

    private async Task PostAfterAsync(Task tail, RoomInput input)
    {
        // One that failed has been told of, and keeps nobody from coming after it.
        await tail.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await PostAsync(input, CancellationToken.None);
    }

    // A session of another queue has come from another node: what it said there may still be in the partition's queue, and this must not overtake it.
    private PartitionMailbox? MailboxOf(RoomInput input) => input.From.Queue == _ownQueue ? owner.Mailbox(Partitions.Of(input.Room)) : null;

    /// <summary>Ends when what was posted so far is in a mailbox or safe in the link, or could not be brought there: one that failed keeps nobody from stopping.</summary>
    public Task DrainAsync(CancellationToken cancellation)
    {
        lock (_tails) return Task.WhenAll(_tails.Select(SettledAsync)).WaitAsync(cancellation);

        static async Task SettledAsync(Task tail) => await tail.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
    }
}
