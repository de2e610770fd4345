using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Hosting.Links;

/// <summary>
/// The queues that the links of one process share: one link in all-in-one, several where a test runs several nodes. A queue outlives its
/// consumers, as one in a broker does.
/// </summary>
public sealed class InMemoryLinkHub(IMeshStore store) : IDisposable
{
    private readonly ConcurrentDictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RoleMembers> _roles = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _balancing = new(1, 1);

    public void Dispose() => _balancing.Dispose();

    internal InMemoryQueue Queue(LinkQueue queue) => _queues.GetOrAdd(queue.Name, _ => new InMemoryQueue());

    /// <summary>Whether anybody has consumed or sent to a queue yet.</summary>
    internal bool Has(LinkQueue queue) => _queues.ContainsKey(queue.Name);

    internal async ValueTask JoinAsync(string role, InMemoryPartitionMember member, CancellationToken cancellation)
    {
        await _balancing.WaitAsync(cancellation);
        try
        {
            if (!_roles.TryGetValue(role, out var members)) _roles[role] = members = new RoleMembers();
            members.Nodes.Add(member);
            await BalanceAsync(role, members);
        }
        finally
        {
            _balancing.Release();
        }
    }

    internal async ValueTask LeaveAsync(string role, InMemoryPartitionMember member)
    {
        await _balancing.WaitAsync();
        try
        {
            var members = _roles[role];
            members.Nodes.Remove(member);
            await BalanceAsync(role, members);
        }
        finally
        {
            _balancing.Release();
        }
    }

    /// <summary>A member has given a partition up: it is acquired anew by whose it is. Called again where that failed.</summary>
    internal async ValueTask ReclaimAsync(string role, InMemoryPartitionMember member, int partition)
    {
        await _balancing.WaitAsync();
        try
        {
            var members = _roles[role];
            if (ReferenceEquals(members.Owners[partition], member))
            {
                members.Owners[partition] = null;
                await member.LoseAsync(partition);
            }

            await BalanceAsync(role, members, partition);
        }
        finally
        {
            _balancing.Release();
        }
    }

    private async Task BalanceAsync(string role, RoleMembers members)
    {
        for (var partition = 0; partition < Partitions.Count; partition++) await BalanceAsync(role, members, partition);
    }

    private async Task BalanceAsync(string role, RoleMembers members, int partition)
    {
        var ownerId = RendezvousHash.Owner(role, partition, members.Nodes.Select(n => n.NodeId));
        var next = members.Nodes.Find(n => n.NodeId == ownerId);
        var current = members.Owners[partition];
        if (ReferenceEquals(current, next)) return;
        if (current is not null) await current.LoseAsync(partition);
        // Nobody's until it is acquired: where that fails it can be tried again.
        members.Owners[partition] = null;
        if (next is null) return;
        var epoch = await store.NextAsync(OwnershipKeys.Epoch(role, partition));
        await next.AcquireAsync(partition, epoch);
        members.Owners[partition] = next;
    }

    private sealed class RoleMembers
    {
        public List<InMemoryPartitionMember> Nodes { get; } = [];

        public InMemoryPartitionMember?[] Owners { get; } = new InMemoryPartitionMember?[Partitions.Count];
    }
}
