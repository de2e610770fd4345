namespace JitsiMesh.Dtls;

public sealed record DtlsOptions
{
    public static readonly DtlsOptions Default = new();

    /// <summary>
    /// use_srtp profiles by preference, in OpenSSL's names; a server selects the first of its own list that the client offers. GCM first: on processors
    /// with AES instructions it costs half. Empty: use_srtp is neither offered nor required.
    /// </summary>
    public string SrtpProfiles { get; init; } = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>Timeout from <see cref="DtlsTransport.Start"/> to connected.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The delay before the first retransmission of a flight; each further delay doubles. RFC 6347 section 4.2.4.1 allows less than its default of
    /// 1 s where latency matters; 300 ms is longer than most round trips and saves a user on a lossy link most of a second.
    /// </summary>
    public TimeSpan InitialRetransmission { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The largest handshake datagram sent, in bytes of UDP payload: fits IPv6's minimum MTU of 1280 with TURN around it.</summary>
    public int Mtu { get; init; } = 1200;
}
