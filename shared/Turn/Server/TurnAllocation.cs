using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Server;

/// <summary>One client's relayed transport address with its permissions and channels (RFC 8656 section 3.2).</summary>
public sealed class TurnAllocation
{
    private readonly List<Permission> _permissions = [];
    private readonly List<Channel> _channels = [];

    internal TurnAllocation(in FiveTuple client, ITurnLink link, ReadOnlySpan<byte> username, ReadOnlySpan<byte> key, bool isIPv6, Quota user, Quota address)
    {
        Client = client;
        Link = link;
        Username = username.ToArray();
        Key = key.ToArray();
        IsIPv6 = isIPv6;
        User = user;
        Address = address;
    }

    public FiveTuple Client { get; }

    /// <summary>Sends to the client.</summary>
    public ITurnLink Link { get; }

    /// <summary>Whether the allocation is in force; false as soon as it ends.</summary>
    public bool IsOpen { get; internal set; }

    public ITurnRelay Relay { get; internal set; } = null!;

    internal byte[] Username { get; }

    internal byte[] Key { get; }

    internal bool IsIPv6 { get; }

    internal Quota User { get; }

    internal Quota Address { get; }

    internal MonotonicTime ExpiresAt { get; set; }

    /// <summary>The transaction id of the Allocate request, which the client may repeat when its answer was lost.</summary>
    internal StunTransactionId MadeBy { get; set; }

    internal bool IsStream => Client.Transport != TurnTransport.Udp;

    /// <summary>False when the limit of permissions is reached.</summary>
    internal bool TryPermit(in TransportAddress peer, MonotonicTime now, int most)
    {
        var address = peer with { Port = 0 };
        var expiresAt = now + TurnLimits.PermissionLifetime;
        var free = -1;
        for (var i = 0; i < _permissions.Count; i++)
        {
            if (_permissions[i].Peer == address)
            {
                _permissions[i] = new Permission(address, expiresAt);
                return true;
            }

            if (_permissions[i].ExpiresAt <= now) free = i;
        }

        if (free >= 0) _permissions[free] = new Permission(address, expiresAt);
        else if (_permissions.Count >= most) return false;
        else _permissions.Add(new Permission(address, expiresAt));
        return true;
    }

    internal bool Permits(in TransportAddress peer, MonotonicTime now)
    {
        foreach (var permission in _permissions)
        {
            if (permission.Peer.Low == peer.Low && permission.Peer.High == peer.High) return permission.ExpiresAt > now;
        }

        return false;
    }

    /// <returns><see cref="TurnRefusal.BadRequest"/> when the number or the peer is already bound otherwise, <see cref="TurnRefusal.Capacity"/> when the limit of channels is reached.</returns>
    internal TurnRefusal TryBind(ushort number, in TransportAddress peer, in TransportAddress real, MonotonicTime now, int most)
    {
        var expiresAt = now + TurnLimits.ChannelLifetime;
        var free = -1;
        for (var i = 0; i < _channels.Count; i++)
        {
            var channel = _channels[i];
            if (channel.Number == number && channel.Peer == peer)
            {
                _channels[i] = channel with { Real = real, ExpiresAt = expiresAt };
                return TurnRefusal.None;
            }

            if (channel.ExpiresAt <= now) free = i;
            else if (channel.Number == number || channel.Peer == peer) return TurnRefusal.BadRequest;
        }

        var added = new Channel(number, peer, real, expiresAt);
        if (free >= 0) _channels[free] = added;
        else if (_channels.Count >= most) return TurnRefusal.Capacity;
        else _channels.Add(added);
        return TurnRefusal.None;
    }

    /// <summary>The destination of a channel's data. Whether the peer may send back depends on the permission, which expires earlier.</summary>
    internal bool TryGetPeer(ushort number, MonotonicTime now, out TransportAddress real)
    {
        foreach (var channel in _channels)
        {
            if (channel.Number != number) continue;
            real = channel.Real;
            return channel.ExpiresAt > now;
        }

        real = default;
        return false;
    }

    /// <summary>The channel for packets from this peer.</summary>
    internal bool TryGetChannel(in TransportAddress real, MonotonicTime now, out ushort number, out TransportAddress peer)
    {
        foreach (var channel in _channels)
        {
            if (channel.Real != real || channel.ExpiresAt <= now) continue;
            number = channel.Number;
            peer = channel.Peer;
            return true;
        }

        number = 0;
        peer = default;
        return false;
    }

    private readonly record struct Permission(TransportAddress Peer, MonotonicTime ExpiresAt);

    private readonly record struct Channel(ushort Number, TransportAddress Peer, TransportAddress Real, MonotonicTime ExpiresAt);
}
