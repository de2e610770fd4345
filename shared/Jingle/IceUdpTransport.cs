namespace JitsiMesh.Jingle;

/// <summary>ICE-UDP (XEP-0176) with DTLS fingerprints (XEP-0320), an SCTP map (XEP-0343) and the bridge's WebSocket URLs.</summary>
public sealed record IceUdpTransport
{
    /// <summary>4 to 256 characters of RFC 8839.</summary>
    public string? Ufrag { get; init; }

    /// <summary>22 to 256 characters of RFC 8839.</summary>
    public string? Password { get; init; }

    public IReadOnlyList<DtlsFingerprint> Fingerprints { get; init; } = [];

    public IReadOnlyList<IceCandidate> Candidates { get; init; } = [];

    public IReadOnlyList<string> WebSockets { get; init; } = [];

    public SctpMap? SctpMap { get; init; }

    public bool RtcpMux { get; init; }

    /// <summary>The generation of an in-place ICE restart, from 1; null for a session's first transport.</summary>
    public int? IceGeneration { get; init; }
}

/// <param name="Hash">sha-1, sha-224, sha-256, sha-384 or sha-512.</param>
/// <param name="Setup">actpass, active or passive (RFC 4145 section 4).</param>
/// <param name="Value">Upper-case hexadecimal with colons.</param>
public sealed record DtlsFingerprint(string Hash, string Setup, string Value)
{
    public bool Cryptex { get; init; }
}

/// <summary>XEP-0343.</summary>
public sealed record SctpMap(int Number, string Protocol, int Streams);

/// <summary>XEP-0176 section 5.2; addresses are strings, since a name under <c>.local</c> is allowed.</summary>
public sealed record IceCandidate
{
    public string Id { get; init; } = "";

    public required string Foundation { get; init; }

    public int Component { get; init; } = 1;

    /// <summary>udp, tcp or ssltcp.</summary>
    public required string Protocol { get; init; }

    public uint Priority { get; init; }

    public required string Address { get; init; }

    public required int Port { get; init; }

    /// <summary>host, srflx, prflx or relay.</summary>
    public required string Type { get; init; }

    public int Generation { get; init; }

    public int Network { get; init; }

    public string? RelatedAddress { get; init; }

    public int? RelatedPort { get; init; }

    public string? TcpType { get; init; }
}
