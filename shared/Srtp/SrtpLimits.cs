namespace JitsiMesh.Srtp;

/// <summary>What this library refuses or forgets, and what then happens.</summary>
public static class SrtpLimits
{
    /// <summary>Inbound streams remembered per session and packet class. A further one replaces the one heard of longest ago, whose replay window and roll-over counter are forgotten.</summary>
    public const int MaxInboundStreams = 1024;

    /// <summary>
    /// Outbound streams per session. A further one is refused, not exchanged: a forgotten roll-over counter would repeat nonces under the same key.
    /// </summary>
    public const int MaxOutboundStreams = 8192;

    /// <summary>Longest packet taken: the crypto calls run without leaving the collector a way in, so they have to be short. Longer ones are refused.</summary>
    public const int MaxPacketLength = 4096;

    /// <summary>Packets behind the newest that still count as new once; older ones are refused. 1024 as libwebrtc, for retransmissions on the media SSRC.</summary>
    public const int ReplayWindowSize = 1024;

    /// <summary>RFC 3711 section 9.2: at most 2^31 SRTCP packets under one key; then sending is refused.</summary>
    public const uint MaxRtcpIndex = 0x7FFF_FFFF;
}
