namespace JitsiMesh.Srtp;

/// <summary>What became of a packet.</summary>
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

    /// <summary>Its index was taken before.</summary>
    Replayed,

    /// <summary>Its index is behind the replay window, or before the start of the stream.</summary>
    TooOld,

    /// <summary>The destination has no room for the overhead.</summary>
    NoSpace,

    /// <summary><see cref="SrtpLimits.MaxOutboundStreams"/> is reached.</summary>
    TooManyStreams,

    /// <summary>The key has protected as many packets as it may.</summary>
    IndexExhausted,

    /// <summary>The cryptographic library refused: overlapping buffers or a disposed session.</summary>
    CipherFailed,

    /// <summary>There is no session yet: what an owner of one answers before its handshake is done.</summary>
    NoKeys,
}
