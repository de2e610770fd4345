using System.Buffers.Binary;
using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Turn.Server;

/// <summary>Answers requests: the long-term credential mechanism (RFC 8489 section 9.2.4) and the methods of RFC 8656.</summary>
internal sealed class RequestHandler(
    TurnServerOptions options, AllocationTable table, TurnNonces nonces, AnswerRates rates, TurnCounters counters, ITurnPeers peers)
{
    private const byte Udp = 17;
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.Secret);
    private readonly byte[] _realm = Encoding.UTF8.GetBytes(options.Realm);
    private ulong _indications;

    /// <summary>A new id for an indication. It is compared with nothing; it only has to differ.</summary>
    public StunTransactionId NextTransaction() => new(0x4D455348, ++_indications);

    /// <summary>Whether the message has an unknown comprehension-required attribute.</summary>
    public static bool HasUnknown(in StunMessage message) => UnknownOf(message, stackalloc ushort[1]) > 0;

    /// <returns>Octets of the answer; 0 for none.</returns>
    public int Handle(in FiveTuple client, ITurnLink link, in StunMessage request, int requestLength, Span<byte> answer, MonotonicTime now, DateTimeOffset utc)
    {
        if (request.Method == StunMethod.Binding) return Bounded(client, AnswerBinding(client, request, answer), requestLength, now);
        if (!IsSupported(request.Method))
        {
            counters.Count(TurnRefusal.Malformed);
            return 0;
        }

        var allocation = table.Find(client);
        Span<byte> key = stackalloc byte[RestCredentials.KeySize];
        var refusal = Authenticate(client, request, allocation, key, now, utc, out var username);
        if (refusal != TurnRefusal.None)
        {
            counters.Count(refusal);
            return Bounded(client, Challenge(client, request, answer, refusal, now), requestLength, now);
        }

        var reply = new Reply(request, answer, key);
        if (allocation is not null && !username.SequenceEqual(allocation.Username)) return Refuse(reply, TurnRefusal.WrongUser);
        Span<ushort> unknown = stackalloc ushort[StunLimits.MaxUnknownAttributes];
        if (UnknownOf(request, unknown) is var count and > 0)
        {
            counters.Count(TurnRefusal.UnknownAttribute);
            return reply.Unknown(unknown[..count]);
        }

        return request.Method switch
        {
            TurnMethod.Allocate => Allocate(client, link, request, reply, allocation, username, key, now),
            TurnMethod.Refresh => Refresh(request, reply, allocation, now),
            TurnMethod.CreatePermission => CreatePermission(request, reply, allocation, now),
            _ => BindChannel(request, reply, allocation, now),
        };
    }

    private static bool IsSupported(StunMethod method) => method is TurnMethod.Allocate or TurnMethod.Refresh or TurnMethod.CreatePermission or TurnMethod.ChannelBind;

    private static int UnknownOf(in StunMessage message, Span<ushort> unknown)
    {
        int position = 0, count = 0;
        while (count < unknown.Length && message.TryReadNext(ref position, out var type, out _))
        {
            // DONT-FRAGMENT is among them: relayed packets may be fragmented on the path, and a client that forbids it gets an error (RFC 8656 section 7.2).
            if ((ushort)type >= 0x8000 || type is StunAttribute.Username or StunAttribute.Realm or StunAttribute.Nonce or StunAttribute.MessageIntegrity
                or TurnAttribute.ChannelNumber or TurnAttribute.Lifetime or TurnAttribute.XorPeerAddress or TurnAttribute.Data
                or TurnAttribute.RequestedAddressFamily or TurnAttribute.EvenPort or TurnAttribute.RequestedTransport or TurnAttribute.ReservationToken) continue;
            if (!unknown[..count].Contains((ushort)type)) unknown[count++] = (ushort)type;
        }

        return count;
    }

    private static TimeSpan Lifetime(in StunMessage request, out bool isWrong)
    {
        isWrong = false;
        if (!request.TryGetAttribute(TurnAttribute.Lifetime, out var value)) return TurnLimits.DefaultLifetime;
        isWrong = value.Length != 4;
        if (isWrong) return default;
        var seconds = BinaryPrimitives.ReadUInt32BigEndian(value);
        if (seconds == 0) return TimeSpan.Zero;
        return TimeSpan.FromSeconds(Math.Clamp(seconds, TurnLimits.DefaultLifetime.TotalSeconds, TurnLimits.LongestLifetime.TotalSeconds));
    }

    private TurnRefusal Authenticate(in FiveTuple client, in StunMessage request, TurnAllocation? allocation, Span<byte> key, MonotonicTime now, DateTimeOffset utc, out ReadOnlySpan<byte> username)
    {
        username = default;
        if (!request.HasMessageIntegrity) return TurnRefusal.Challenge;
        if (!request.TryGetAttribute(StunAttribute.Username, out username) || !request.TryGetAttribute(StunAttribute.Realm, out var realm) || !request.TryGetAttribute(StunAttribute.Nonce, out var nonce)) return TurnRefusal.BadRequest;
        if (!nonces.IsGood(nonce, client, now)) return TurnRefusal.StaleNonce;
        if (!realm.SequenceEqual(_realm)) return TurnRefusal.Credentials;

        // A client that authenticated in time stays as long as it refreshes the allocation: a meeting may outlast its credentials.
        if (allocation is not null && username.SequenceEqual(allocation.Username)) allocation.Key.CopyTo(key);
        else if (RestCredentials.TryGetKey(_secret, username, _realm, utc.ToUnixTimeSeconds(), key) is var refusal and not TurnRefusal.None) return refusal;
        return request.VerifyMessageIntegrity(key) ? TurnRefusal.None : TurnRefusal.Credentials;
    }

    private int Challenge(in FiveTuple client, in StunMessage request, Span<byte> answer, TurnRefusal refusal, MonotonicTime now)
    {
        var writer = new StunWriter(answer, StunClass.ErrorResponse, request.Method, request.TransactionId);
        writer.AddErrorCode(refusal switch
        {
            TurnRefusal.BadRequest => TurnErrorCode.BadRequest,
            TurnRefusal.StaleNonce => TurnErrorCode.StaleNonce,
            _ => TurnErrorCode.Unauthenticated,
        }, "");
        if (refusal != TurnRefusal.BadRequest)
        {
            Span<byte> nonce = stackalloc byte[TurnNonces.Size];
            nonces.Create(client, now, nonce);
            writer.AddBytes(StunAttribute.Realm, _realm);
            writer.AddBytes(StunAttribute.Nonce, nonce);
        }

        if (request.HasFingerprint) writer.AddFingerprint();
        return writer.Length;
    }

    private static int AnswerBinding(in FiveTuple client, in StunMessage request, Span<byte> answer)
    {
        Span<ushort> unknown = stackalloc ushort[StunLimits.MaxUnknownAttributes];
        var count = UnknownOf(request, unknown);
        var writer = new StunWriter(answer, count > 0 ? StunClass.ErrorResponse : StunClass.SuccessResponse, StunMethod.Binding, request.TransactionId);
        if (count > 0)
        {
            writer.AddErrorCode(TurnErrorCode.UnknownAttribute, "");
            writer.AddUnknownAttributes(unknown[..count]);
        }
        else
        {
            writer.AddXorMappedAddress(client.Client);
        }

        if (request.HasFingerprint) writer.AddFingerprint();
        return writer.Length;
    }

    /// <summary>Over UDP the sender's address may be forged, and its owner must not be flooded through this server.</summary>
    private int Bounded(in FiveTuple client, int length, int requestLength, MonotonicTime now)
    {
        if (client.Transport != TurnTransport.Udp) return length;
        if (length > requestLength * TurnLimits.Amplification)
        {
            counters.Count(TurnRefusal.Amplification);
            return 0;
        }

        if (rates.TryTake(client.Client, now)) return length;
        counters.Count(TurnRefusal.Flood);
        return 0;
    }

    private int Allocate(in FiveTuple client, ITurnLink link, in StunMessage request, in Reply reply, TurnAllocation? existing, ReadOnlySpan<byte> username, ReadOnlySpan<byte> key, MonotonicTime now)
    {
        if (existing is not null)
        {
            // The answer was lost and the client sent the request again: send the same answer (RFC 8656 section 7.2).
            return existing.MadeBy == request.TransactionId ? reply.Allocated(existing, now) : Refuse(reply, TurnRefusal.Mismatch);
        }

        if (!request.TryGetAttribute(TurnAttribute.RequestedTransport, out var transport) || transport.Length != 4) return Refuse(reply, TurnRefusal.BadRequest);
        if (transport[0] != Udp) return Refuse(reply, TurnRefusal.Transport);
        var hasFamily = request.TryGetAttribute(TurnAttribute.RequestedAddressFamily, out var family);
        var hasToken = request.HasAttribute(TurnAttribute.ReservationToken);
        var hasEvenPort = request.TryGetAttribute(TurnAttribute.EvenPort, out var even);
        if ((hasToken && (hasEvenPort || hasFamily)) || (hasFamily && family.Length != 4) || (hasEvenPort && even.Length != 1)) return Refuse(reply, TurnRefusal.BadRequest);

        // Ports are never reserved: this server issues no tokens, and it does not offer a pair of ports (the bit R).
        if (hasToken || (hasEvenPort && (even[0] & 0x80) != 0)) return Refuse(reply, TurnRefusal.Capacity);
        if (hasFamily && family[0] is not (1 or 2)) return Refuse(reply, TurnRefusal.Family);
        var lifetime = Lifetime(request, out var isWrong);
        if (isWrong) return Refuse(reply, TurnRefusal.BadRequest);
        if (lifetime == TimeSpan.Zero) lifetime = TurnLimits.DefaultLifetime;
        var refusal = table.TryAdd(client, link, username, key, hasFamily && family[0] == 2, hasEvenPort, out var added);
        if (refusal != TurnRefusal.None) return Refuse(reply, refusal);
        added!.MadeBy = request.TransactionId;
        added.ExpiresAt = now + lifetime;
        return reply.Allocated(added, now);
    }

    private int Refresh(in StunMessage request, in Reply reply, TurnAllocation? allocation, MonotonicTime now)
    {
        if (allocation is null) return Refuse(reply, TurnRefusal.Mismatch);
        var lifetime = Lifetime(request, out var isWrong);
        if (isWrong) return Refuse(reply, TurnRefusal.BadRequest);
        if (request.TryGetAttribute(TurnAttribute.RequestedAddressFamily, out var family) && (family.Length != 4 || family[0] != (allocation.IsIPv6 ? 2 : 1))) return Refuse(reply, TurnRefusal.Family, TurnErrorCode.PeerAddressFamilyMismatch);
        if (lifetime == TimeSpan.Zero) table.Remove(allocation);
        else allocation.ExpiresAt = now + lifetime;
        return reply.Refreshed(lifetime);
    }

    private int CreatePermission(in StunMessage request, in Reply reply, TurnAllocation? allocation, MonotonicTime now)
    {
        if (allocation is null) return Refuse(reply, TurnRefusal.Mismatch);

        // All or none (RFC 8656 section 10.2): check first, then install.
        int position = 0, count = 0;
        while (request.TryReadNext(ref position, out var type, out var value))
        {
            if (type != TurnAttribute.XorPeerAddress) continue;
            if (!request.TryReadXorAddress(value, out var peer)) return Refuse(reply, TurnRefusal.BadRequest);
            if (peer.IsIPv4 == allocation.IsIPv6) return Refuse(reply, TurnRefusal.Family, TurnErrorCode.PeerAddressFamilyMismatch);
            if (!peers.IsKnown(peer)) return Refuse(reply, TurnRefusal.Peer);
            count++;
        }

        if (count == 0) return Refuse(reply, TurnRefusal.BadRequest);
        position = 0;
        while (request.TryReadNext(ref position, out var type, out var value))
        {
            if (type != TurnAttribute.XorPeerAddress || !request.TryReadXorAddress(value, out var peer)) continue;
            if (!allocation.TryPermit(peer, now, options.Limits.Permissions)) return Refuse(reply, TurnRefusal.Capacity);
        }

        return reply.Done();
    }

    private int BindChannel(in StunMessage request, in Reply reply, TurnAllocation? allocation, MonotonicTime now)
    {
        if (allocation is null) return Refuse(reply, TurnRefusal.Mismatch);
        if (!request.TryGetAttribute(TurnAttribute.ChannelNumber, out var number) || number.Length != 4
            || !request.TryGetAttribute(TurnAttribute.XorPeerAddress, out var value) || !request.TryReadXorAddress(value, out var peer)) return Refuse(reply, TurnRefusal.BadRequest);
        var channel = BinaryPrimitives.ReadUInt16BigEndian(number);
        if (channel is < ChannelData.FirstNumber or > ChannelData.LastNumber) return Refuse(reply, TurnRefusal.BadRequest);
        if (peer.IsIPv4 == allocation.IsIPv6) return Refuse(reply, TurnRefusal.Family, TurnErrorCode.PeerAddressFamilyMismatch);
        if (!peers.TryGetReal(peer, out var real) || real.IsIPv4 == allocation.IsIPv6) return Refuse(reply, TurnRefusal.Peer);
        var refusal = allocation.TryBind(channel, peer, real, now, options.Limits.Channels);
        if (refusal == TurnRefusal.None && !allocation.TryPermit(peer, now, options.Limits.Permissions)) refusal = TurnRefusal.Capacity;
        return refusal == TurnRefusal.None ? reply.Done() : Refuse(reply, refusal);
    }

    private int Refuse(in Reply reply, TurnRefusal refusal, int code = 0)
    {
        counters.Count(refusal);
        return reply.Refused(code != 0 ? code : refusal switch
        {
            TurnRefusal.WrongUser => TurnErrorCode.WrongCredentials,
            TurnRefusal.Mismatch => TurnErrorCode.AllocationMismatch,
            TurnRefusal.Transport => TurnErrorCode.UnsupportedTransport,
            TurnRefusal.Family => TurnErrorCode.AddressFamilyNotSupported,
            TurnRefusal.Peer => TurnErrorCode.Forbidden,
            TurnRefusal.UserQuota or TurnRefusal.AddressQuota => TurnErrorCode.AllocationQuotaReached,
            TurnRefusal.Capacity => TurnErrorCode.InsufficientCapacity,
            _ => TurnErrorCode.BadRequest,
        });
    }
}
