using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Turn.Server;

/// <summary>The allocations, with the quotas that they count against.</summary>
internal sealed class AllocationTable(TurnLimits limits, TurnCounters counters, ITurnRelays relays, Func<TransportAddress, bool> isShared)
{
    private readonly Dictionary<FiveTuple, TurnAllocation> _allocations = [];
    private readonly Dictionary<string, Quota> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<TransportAddress, Quota> _addresses = [];
    private readonly List<TurnAllocation> _ended = [];

    public TurnAllocation? Find(in FiveTuple client) => _allocations.GetValueOrDefault(client);

    public TurnRefusal TryAdd(in FiveTuple client, ITurnLink link, ReadOnlySpan<byte> username, ReadOnlySpan<byte> key, bool isIPv6, bool isEven, out TurnAllocation? added)
    {
        added = null;
        if (_allocations.Count >= limits.Allocations) return TurnRefusal.Capacity;
        var user = Encoding.UTF8.GetString(RestCredentials.UserPart(username));
        var ofUser = _users.GetValueOrDefault(user) ?? new Quota(limits.UserOctetsPerSecond);
        if (ofUser.Allocations >= limits.AllocationsOfUser) return TurnRefusal.UserQuota;
        var network = Network(client.Client);
        var ofAddress = _addresses.GetValueOrDefault(network) ?? new Quota(limits.AddressOctetsPerSecond);
        if (ofAddress.Allocations >= limits.AllocationsOfAddress && !isShared(client.Client)) return TurnRefusal.AddressQuota;
        var allocation = new TurnAllocation(client, link, username, key, isIPv6, ofUser, ofAddress) { IsOpen = true };
        if (relays.TryOpen(allocation, isIPv6, isEven) is not { } relay) return isIPv6 ? TurnRefusal.Family : TurnRefusal.Capacity;
        allocation.Relay = relay;
        _allocations.Add(client, allocation);
        _users[user] = ofUser;
        _addresses[network] = ofAddress;
        ofUser.Allocations++;
        ofAddress.Allocations++;
        counters.Allocations = _allocations.Count;
        counters.AllocationsMade++;
        added = allocation;
        return TurnRefusal.None;
    }

    public void Remove(TurnAllocation allocation)
    {
        if (!_allocations.Remove(allocation.Client)) return;
        allocation.IsOpen = false;
        counters.Allocations = _allocations.Count;
        var network = Network(allocation.Client.Client);
        if (--allocation.User.Allocations == 0) _users.Remove(Encoding.UTF8.GetString(RestCredentials.UserPart(allocation.Username)));
        if (--allocation.Address.Allocations == 0) _addresses.Remove(network);
        allocation.Relay.Dispose();
    }

    public void Expire(MonotonicTime now)
    {
        foreach (var allocation in _allocations.Values)
        {
            if (allocation.ExpiresAt <= now) _ended.Add(allocation);
        }

        RemoveEnded();
    }

    public void Clear()
    {
        _ended.AddRange(_allocations.Values);
        RemoveEnded();
    }

    private static TransportAddress Network(in TransportAddress client) => client.IsIPv4 || client.High == 0 ? client with { Port = 0 } : new TransportAddress(client.High, 0, 0);

    private void RemoveEnded()
    {
        foreach (var allocation in _ended) Remove(allocation);
        _ended.Clear();
    }
}
