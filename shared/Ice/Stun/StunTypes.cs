namespace JitsiMesh.Ice.Stun;

/// <summary>RFC 8489 section 5: the two class bits of the message type.</summary>
public enum StunClass
{
    Request = 0,
    Indication = 1,
    SuccessResponse = 2,
    ErrorResponse = 3,
}

/// <summary>Methods (IANA "STUN Methods"). ICE uses only Binding; other numbers are parsed and left to the caller.</summary>
public enum StunMethod
{
    Binding = 0x001,
}

/// <summary>Attribute types (IANA "STUN Attributes"). Those below 0x8000 are comprehension-required (RFC 8489 section 14).</summary>
public enum StunAttribute : ushort
{
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorMappedAddress = 0x0020,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    Software = 0x8022,
    AlternateServer = 0x8023,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802A,
}

/// <summary>Error codes that an ICE agent sends or receives (RFC 8489 section 14.8, RFC 8445 section 19.2).</summary>
public static class StunErrorCode
{
    public const int BadRequest = 400;
    public const int Unauthenticated = 401;
    public const int UnknownAttribute = 420;
    public const int RoleConflict = 487;
    public const int ServerError = 500;
}

/// <summary>Why a datagram is not a STUN message.</summary>
public enum StunParseError
{
    None,

    /// <summary>Fewer bytes than a header.</summary>
    TooShort,

    /// <summary>More bytes than <see cref="StunLimits.MaxMessageSize"/>.</summary>
    TooLong,

    /// <summary>The two leading bits are set: another protocol of RFC 7983.</summary>
    NotStun,

    /// <summary>The magic cookie 0x2112A442 is missing: RFC 3489 or something else.</summary>
    NoMagicCookie,

    /// <summary>The length field is not a multiple of four or not that of the datagram.</summary>
    BadLength,

    /// <summary>An attribute reaches past the end.</summary>
    AttributeOverrun,

    /// <summary>MESSAGE-INTEGRITY or FINGERPRINT has a wrong size, or an attribute follows FINGERPRINT.</summary>
    BadTrailer,
}

/// <summary>Limits of parsing and storage.</summary>
public static class StunLimits
{
    /// <summary>Longer datagrams are not parsed as STUN. No path carries more without fragmentation.</summary>
    public const int MaxMessageSize = 1500;

    /// <summary>Two ufrags of <see cref="IceLimits.MaxUfragLength"/> and a colon. RFC 8489 section 14.3 has 508, which RFC 8839 exceeds.</summary>
    public const int MaxUsernameBytes = (2 * IceLimits.MaxUfragLength) + 1;

    /// <summary>Unknown attribute types listed in one 420 response; further ones are omitted.</summary>
    public const int MaxUnknownAttributes = 16;

    /// <summary>
    /// The buffer size for a message that a caller builds. The longest message is a check with a USERNAME of <see cref="MaxUsernameBytes"/>: header 20,
    /// USERNAME 4 + 516, PRIORITY 8, tie-breaker 12, USE-CANDIDATE 4, MESSAGE-INTEGRITY 24, FINGERPRINT 8.
    /// </summary>
    public const int MaxBuiltSize = 640;
}
