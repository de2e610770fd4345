namespace JitsiMesh.Turn;

/// <summary>The limits of the relay, and the consequence at each limit.</summary>
public sealed class TurnLimits
{
    /// <summary>Octets of one relayed datagram, in either direction. A longer one is dropped; media and DTLS stay below an Ethernet frame.</summary>
    public const int DataOctets = 1500;

    /// <summary>Octets in front of a datagram from a peer for the header of a Data indication: 20, XOR-PEER-ADDRESS 24, DATA 4.</summary>
    public const int Headroom = 48;

    /// <summary>Octets of padding behind it.</summary>
    public const int Tailroom = 3;

    /// <summary>The size of the caller's buffer for an answer. The longest answer lists sixteen unknown attributes.</summary>
    public const int AnswerOctets = 256;

    /// <summary>Octets of a user name. A longer one counts as wrong credentials.</summary>
    public const int UsernameOctets = 128;

    /// <summary>The maximum ratio of an answer without credentials to its request; a longer answer is not sent over UDP, where the sender's address may be forged.</summary>
    public const int Amplification = 2;

    /// <summary>Buckets of <see cref="AnswersPerSecond"/>; addresses in the same bucket share it.</summary>
    public const int AnswerBuckets = 8192;

    /// <summary>The lifetime of an allocation that requests none, and the shortest lifetime (RFC 8656 section 3.2).</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(10);

    /// <summary>The longest lifetime of an allocation.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(1);

    /// <summary>RFC 8656 section 9.</summary>
    public static readonly TimeSpan PermissionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>RFC 8656 section 12.</summary>
    public static readonly TimeSpan ChannelLifetime = TimeSpan.FromMinutes(10);

    /// <summary>The lifetime of a nonce (RFC 8489 section 9.2.4 recommends less than an hour). An older one is answered with 438 and a new one.</summary>
    public static readonly TimeSpan NonceLifetime = TimeSpan.FromMinutes(50);

    /// <summary>Allocations in total: each is a socket. One more is refused with 508.</summary>
    public int Allocations { get; init; } = 10_000;

    /// <summary>Allocations of one user: one for each network interface, transport and peer connection, and again after an ICE restart. One more is refused with 486.</summary>
    public int AllocationsOfUser { get; init; } = 32;

    /// <summary>Allocations of one client address, which a whole school may share. One more is refused with 486.</summary>
    public int AllocationsOfAddress { get; init; } = 1000;

    /// <summary>Permissions of one allocation: the addresses of bridges. One more is refused with 508.</summary>
    public int Permissions { get; init; } = 64;

    /// <summary>Channels of one allocation. One more is refused with 508.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>Octets a second of one user, both directions together. The excess is dropped, as on a narrow link.</summary>
    public int UserOctetsPerSecond { get; init; } = 4_000_000;

    /// <summary>Octets a second of one client address. The excess is dropped.</summary>
    public int AddressOctetsPerSecond { get; init; } = 64_000_000;

    /// <summary>Answers a second without credentials to one address over UDP. Further requests are not answered.</summary>
    public int AnswersPerSecond { get; init; } = 20;

    /// <summary>The burst of <see cref="AnswersPerSecond"/>.</summary>
    public int AnswersBurst { get; init; } = 100;

    /// <summary>Answers a second without credentials to all addresses over UDP. Further requests are not answered.</summary>
    public int AnswersPerSecondToAll { get; init; } = 5000;
}
