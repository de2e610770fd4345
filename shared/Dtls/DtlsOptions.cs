namespace JitsiMesh.Dtls;

public sealed record DtlsOptions
{
    public static readonly DtlsOptions Default = new();

    /// <summary>
    /// use_srtp profiles by preference, in OpenSSL's names; as a server we take the first of ours that the client offers. GCM first: on processors
    /// with AES instructions it costs half. Empty: use_srtp is not offered, and none is demanded.
    /// </summary>
    public string SrtpProfiles { get; init; } = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>From <see cref="DtlsTransport.Start"/> to connected.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The wait before a flight is sent again the first time; each further wait doubles. RFC 6347 section 4.2.4.1 allows less than its default of
    /// 1 s where latency matters; 300 ms is longer than most round trips and spares a person on a lossy line most of a second.
    /// </summary>
    public TimeSpan InitialRetransmission { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The largest handshake datagram sent, in bytes of UDP payload: fits IPv6's minimum MTU of 1280 with TURN around it.</summary>
    public int Mtu { get; init; } = 1200;
}
