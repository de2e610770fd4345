namespace JitsiMesh.Srtp;

/// <summary>The result for a packet.</summary>
public enum SrtpResult
{
    Ok,

    /// <summary>Shorter than header and authentication tag.</summary>
    TooShort,

    /// <summary>Longer than <see cref="SrtpLimits.MaxPacketLength"/>.</summary>
    TooLong,

    /// <summary>Not an RTP header (or not version 2 of RTCP).</summary>
    Malformed,
    AuthenticationFailed,

    /// <summary>Its index was already used.</summary>
    Replayed,

    /// <summary>Its index is behind the replay window, or before the start of the stream.</summary>
    TooOld,

    /// <summary>The destination is too small for the overhead.</summary>
    NoSpace,

    /// <summary><see cref="SrtpLimits.MaxOutboundStreams"/> is reached.</summary>
    TooManyStreams,

    /// <summary>The key has protected the maximum number of packets.</summary>
    IndexExhausted,

    /// <summary>The cryptographic library failed: overlapping buffers or a disposed session.</summary>
    CipherFailed,

    /// <summary>There is no session yet: returned by the owner of a session before its handshake is complete.</summary>
    NoKeys,
}
