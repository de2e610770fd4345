namespace JitsiMesh.Dtls;

/// <summary>Why data was dropped.</summary>
public enum DtlsDrop
{
    /// <summary>Not a sequence of whole DTLS records, or one of them is too short for its protection.</summary>
    Malformed,

    /// <summary>Longer than <see cref="DtlsLimits.MaxDatagram"/> or <see cref="DtlsLimits.MaxApplicationData"/>.</summary>
    TooLong,

    /// <summary>Arrived at a client that has not started, or after the end.</summary>
    WrongState,

    /// <summary>A queue was full.</summary>
    QueueFull,

    /// <summary>Had no effect on a connection: forged, replayed, or a repeated handshake message.</summary>
    WithoutEffect,
}
