namespace JitsiMesh.PeerTransport;

/// <summary>The kind of a received datagram.</summary>
public enum PacketKind
{
    /// <summary>STUN or DTLS, consumed inside.</summary>
    None,

    /// <summary>An authentic check of the remote. It may be a replay with a forged source address.</summary>
    Check,

    /// <summary>The answer to a local check: the remote is at the source address.</summary>
    CheckAnswer,

    /// <summary>The buffer now begins with a decrypted RTP packet.</summary>
    Rtp,

    /// <summary>The buffer now begins with a decrypted RTCP compound packet.</summary>
    Rtcp,

    /// <summary>Only <see cref="PeerTransportCounters"/> changed.</summary>
    Dropped,
}

/// <summary>Protocols that share one port, by their first two bytes (RFC 7983 section 7, RFC 5761 section 4).</summary>
public enum DatagramClass
{
    Unknown,
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

public static class DatagramClassifier
{
    public static DatagramClass Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2) return DatagramClass.Unknown;
        return datagram[0] switch
        {
            <= 3 => DatagramClass.Stun,
            >= 20 and <= 63 => DatagramClass.Dtls,
            >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? DatagramClass.Rtcp : DatagramClass.Rtp,
            _ => DatagramClass.Unknown,
        };
    }
}
