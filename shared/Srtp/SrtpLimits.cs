namespace JitsiMesh.Srtp;

/// <summary>Limits of this library, and the consequence at each limit.</summary>
public static class SrtpLimits
{
    /// <summary>Inbound streams per session and packet class. A further one replaces the least recently used one, whose replay window and roll-over counter are lost.</summary>
    public const int MaxInboundStreams = 1024;

    /// <summary>
    /// Outbound streams per session. A further one is refused instead of replacing another: a lost roll-over counter would repeat nonces under the same key.
    /// </summary>
    public const int MaxOutboundStreams = 8192;

    /// <summary>The longest accepted packet: the garbage collector cannot interrupt the crypto calls, so they must be short. Longer packets are refused.</summary>
    public const int MaxPacketLength = 4096;

    /// <summary>The distance behind the newest packet within which packets are accepted once; older ones are refused. 1024 as in libwebrtc, for retransmissions on the media SSRC.</summary>
    public const int ReplayWindowSize = 1024;

    /// <summary>RFC 3711 section 9.2: at most 2^31 SRTCP packets under one key; then sending is refused.</summary>
    public const uint MaxRtcpIndex = 0x7FFF_FFFF;
}
