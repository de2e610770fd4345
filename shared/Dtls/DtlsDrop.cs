namespace JitsiMesh.Dtls;

/// <summary>Why something was thrown away.</summary>
public enum DtlsDrop
{
    /// <summary>Does not begin with a DTLS record header, or its first record is cut short.</summary>
    Malformed,

    /// <summary>Longer than <see cref="DtlsLimits.MaxDatagram"/> or <see cref="DtlsLimits.MaxApplicationData"/>.</summary>
    TooLong,

    /// <summary>Came to a client that has not started, or after the end.</summary>
    WrongState,

    /// <summary>A queue was full.</summary>
    QueueFull,
}
