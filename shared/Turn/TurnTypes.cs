using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Turn;

/// <summary>The methods of RFC 8656 section 17.</summary>
public static class TurnMethod
{
    public const StunMethod Allocate = (StunMethod)0x003;
    public const StunMethod Refresh = (StunMethod)0x004;
    public const StunMethod Send = (StunMethod)0x006;
    public const StunMethod Data = (StunMethod)0x007;
    public const StunMethod CreatePermission = (StunMethod)0x008;
    public const StunMethod ChannelBind = (StunMethod)0x009;
}

/// <summary>The attributes of RFC 8656 section 18.</summary>
public static class TurnAttribute
{
    public const StunAttribute ChannelNumber = (StunAttribute)0x000C;
    public const StunAttribute Lifetime = (StunAttribute)0x000D;
    public const StunAttribute XorPeerAddress = (StunAttribute)0x0012;
    public const StunAttribute Data = (StunAttribute)0x0013;
    public const StunAttribute XorRelayedAddress = (StunAttribute)0x0016;
    public const StunAttribute RequestedAddressFamily = (StunAttribute)0x0017;
    public const StunAttribute EvenPort = (StunAttribute)0x0018;
    public const StunAttribute RequestedTransport = (StunAttribute)0x0019;
    public const StunAttribute ReservationToken = (StunAttribute)0x0022;
}

/// <summary>The error codes of RFC 8656 section 19 and of the long-term credential mechanism (RFC 8489 section 9.2).</summary>
public static class TurnErrorCode
{
    public const int BadRequest = 400;
    public const int Unauthenticated = 401;
    public const int Forbidden = 403;
    public const int UnknownAttribute = 420;
    public const int AllocationMismatch = 437;
    public const int StaleNonce = 438;
    public const int AddressFamilyNotSupported = 440;
    public const int WrongCredentials = 441;
    public const int UnsupportedTransport = 442;
    public const int PeerAddressFamilyMismatch = 443;
    public const int AllocationQuotaReached = 486;
    public const int InsufficientCapacity = 508;
}

/// <summary>How a client reaches the relay. Over a stream ChannelData is padded to four octets (RFC 8656 section 12.5).</summary>
public enum TurnTransport
{
    Udp,
    Tcp,
    Tls,
}

/// <summary>Client, server and the protocol between them: the key of an allocation (RFC 8656 section 3.2).</summary>
public readonly record struct FiveTuple(TurnTransport Transport, TransportAddress Client, TransportAddress Server);

/// <summary>The reason of a refusal or drop: the <c>reason</c> of the metric.</summary>
public enum TurnRefusal
{
    None,

    /// <summary>A first request without credentials, answered with 401 as the mechanism requires.</summary>
    Challenge,

    /// <summary>Unknown user name, wrong password or realm.</summary>
    Credentials,

    /// <summary>The user name has expired.</summary>
    Expired,
    StaleNonce,

    /// <summary>The allocation belongs to another user.</summary>
    WrongUser,
    BadRequest,
    UnknownAttribute,

    /// <summary>A request that needs an allocation but has none, or an Allocate request with an existing one.</summary>
    Mismatch,

    /// <summary>The client requested a relayed transport other than UDP.</summary>
    Transport,
    Family,

    /// <summary>The peer is not a bridge.</summary>
    Peer,
    UserQuota,
    AddressQuota,

    /// <summary>The relay as a whole is full, or an allocation has reached its limit of permissions or channels.</summary>
    Capacity,

    /// <summary>One address requests too many answers without credentials.</summary>
    Flood,

    /// <summary>The answer would be more than twice as long as the request.</summary>
    Amplification,

    /// <summary>Neither STUN nor ChannelData.</summary>
    Malformed,

    /// <summary>Data without an allocation, a channel or a permission.</summary>
    NoPermission,

    /// <summary>More octets a second than a user or an address may relay.</summary>
    Rate,
}
