using System.Buffers.Binary;
using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Turn.Server;

/// <summary>The options of a relay.</summary>
public sealed class TurnServerOptions
{
    /// <summary>The secret of <see cref="RestCredentials"/>.</summary>
    public required string Secret { get; init; }

    /// <summary>Short, since it is part of answers to requests without credentials.</summary>
    public string Realm { get; init; } = "mesh";

    public TurnLimits Limits { get; init; } = new();

    /// <summary>Whether a client address is shared by unrelated clients, as a proxy's is: then its allocations are not limited by address.</summary>
    public Func<TransportAddress, bool> IsSharedAddress { get; init; } = static _ => false;
}

/// <summary>
/// A TURN server without I/O (RFC 8656), for one caller at a time: packets of clients and peers go in, packets to send come out. Relaying a packet allocates no memory.
/// </summary>
public sealed class TurnServer
{
    private readonly AllocationTable _table;
    private readonly RequestHandler _requests;
    private readonly ITurnPeers _peers;

    public TurnServer(TurnServerOptions options, ITurnPeers peers, ITurnRelays relays, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _peers = peers;
        _table = new AllocationTable(options.Limits, Counters, relays, options.IsSharedAddress);
        _requests = new RequestHandler(options, _table, new TurnNonces(random), new AnswerRates(options.Limits, random), Counters, peers);
    }

    public TurnCounters Counters { get; } = new();

    public bool HasAllocation(in FiveTuple client) => _table.Find(client) is not null;

    /// <summary>Handles one datagram of a client, or one message of its stream.</summary>
    /// <param name="client">The sender.</param>
    /// <param name="link">Sends to the client.</param>
    /// <param name="packet">A STUN message or ChannelData.</param>
    /// <param name="answer">A buffer of <see cref="TurnLimits.AnswerOctets"/>.</param>
    /// <param name="now">For lifetimes.</param>
    /// <param name="utc">For the expiry of credentials.</param>
    public TurnOutcome HandleClient(in FiveTuple client, ITurnLink link, ReadOnlySpan<byte> packet, Span<byte> answer, MonotonicTime now, DateTimeOffset utc)
    {
        if (packet.Length >= ChannelData.HeaderSize && ChannelData.IsChannel(packet[0])) return HandleChannelData(client, packet, now);
        if (!StunMessage.TryParse(packet, out var message) || !message.VerifyFingerprint())
        {
            Counters.Count(TurnRefusal.Malformed);
            return default;
        }

        switch (message.Class)
        {
            case StunClass.Request:
                return TurnOutcome.Answered(_requests.Handle(client, link, message, packet.Length, answer, now, utc));
            case StunClass.Indication when message.Method == TurnMethod.Send:
                return HandleSend(client, message, packet, now);

            // A Binding indication keeps a NAT's mapping; no other indication has a meaning here.
            case StunClass.Indication when message.Method == StunMethod.Binding:
                return default;
            default:
                Counters.Count(TurnRefusal.Malformed);
                return default;
        }
    }

    /// <summary>Handles a packet that arrived at a relayed transport address.</summary>
    /// <param name="allocation">The allocation of the address.</param>
    /// <param name="from">The sender.</param>
    /// <param name="buffer">The datagram at <see cref="TurnLimits.Headroom"/>, followed by <see cref="TurnLimits.Tailroom"/>; header and padding are written around it.</param>
    /// <param name="length">The length of the datagram.</param>
    /// <param name="now">For lifetimes.</param>
    public TurnOutcome HandlePeer(TurnAllocation allocation, in TransportAddress from, Span<byte> buffer, int length, MonotonicTime now)
    {
        ArgumentNullException.ThrowIfNull(allocation);
        if (!allocation.IsOpen) return default;
        var hasChannel = allocation.TryGetChannel(from, now, out var number, out var peer);
        if ((!hasChannel && !_peers.TryGetOffered(from, out peer)) || !allocation.Permits(peer, now))
        {
            Counters.Count(TurnRefusal.NoPermission);
            return default;
        }

        if (!TryRelay(allocation, length, now)) return default;
        Counters.OctetsToClients += length;
        Counters.PacketsToClients++;
        var data = TurnLimits.Headroom;
        if (hasChannel)
        {
            var padding = allocation.IsStream ? -length & 3 : 0;
            buffer.Slice(data + length, padding).Clear();
            ChannelData.WriteHeader(buffer[(data - ChannelData.HeaderSize)..], number, length);
            return new TurnOutcome(TurnVerdict.ToClient, data - ChannelData.HeaderSize, ChannelData.HeaderSize + length + padding, allocation, default);
        }

        var header = DataIndication.WriteHeader(buffer, data, peer, length, _requests.NextTransaction());
        return new TurnOutcome(TurnVerdict.ToClient, data - header, header + length + (-length & 3), allocation, default);
    }

    /// <summary>Ends the allocation of a client whose connection has closed (RFC 8656 section 7).</summary>
    public void Close(in FiveTuple client)
    {
        if (_table.Find(client) is { } allocation) _table.Remove(allocation);
    }

    /// <summary>Removes expired allocations. Call about once a second.</summary>
    public void HandleTimeout(MonotonicTime now) => _table.Expire(now);

    /// <summary>Ends all allocations.</summary>
    public void CloseAll() => _table.Clear();

    private TurnOutcome HandleChannelData(in FiveTuple client, ReadOnlySpan<byte> packet, MonotonicTime now)
    {
        var length = ChannelData.LengthOf(packet);
        if (ChannelData.HeaderSize + length > packet.Length)
        {
            Counters.Count(TurnRefusal.Malformed);
            return default;
        }

        if (_table.Find(client) is not { } allocation || !allocation.TryGetPeer(ChannelData.NumberOf(packet), now, out var real))
        {
            Counters.Count(TurnRefusal.NoPermission);
            return default;
        }

        return ToPeer(allocation, ChannelData.HeaderSize, length, real, now);
    }

    private TurnOutcome HandleSend(in FiveTuple client, in StunMessage message, ReadOnlySpan<byte> packet, MonotonicTime now)
    {
        // Errors of indications are not answered (RFC 8656 section 11.2).
        if (!message.TryGetAttribute(TurnAttribute.XorPeerAddress, out var value) || !message.TryReadXorAddress(value, out var peer) || !message.TryGetAttribute(TurnAttribute.Data, out var data) || RequestHandler.HasUnknown(message))
        {
            Counters.Count(TurnRefusal.Malformed);
            return default;
        }

        if (_table.Find(client) is not { } allocation || !allocation.Permits(peer, now) || !_peers.TryGetReal(peer, out var real) || real.IsIPv4 == allocation.IsIPv6)
        {
            Counters.Count(TurnRefusal.NoPermission);
            return default;
        }

        // An empty range overlaps with nothing.
        if (!packet.Overlaps(data, out var offset)) offset = packet.Length;
        return ToPeer(allocation, offset, data.Length, real, now);
    }

    private TurnOutcome ToPeer(TurnAllocation allocation, int offset, int length, in TransportAddress real, MonotonicTime now)
    {
        if (!TryRelay(allocation, length, now)) return default;
        Counters.OctetsToPeers += length;
        Counters.PacketsToPeers++;
        return new TurnOutcome(TurnVerdict.ToPeer, offset, length, allocation, real);
    }

    private bool TryRelay(TurnAllocation allocation, int length, MonotonicTime now)
    {
        if (allocation.User.TryRelay(length, now) && allocation.Address.TryRelay(length, now)) return true;
        Counters.Count(TurnRefusal.Rate);
        return false;
    }
}
