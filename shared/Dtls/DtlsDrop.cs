namespace JitsiMesh.Dtls;

/// <summary>Why something was thrown away.</summary>
public enum DtlsDrop
{
    /// <summary>Is not a sequence of whole DTLS records, or one of them is too short for its protection.</summary>
    Malformed,

    /// <summary>Longer than <see cref="DtlsLimits.MaxDatagram"/> or <see cref="DtlsLimits.MaxApplicationData"/>.</summary>
    TooLong,

    /// <summary>Came to a client that has not started, or after the end.</summary>
    WrongState,

    /// <summary>A queue was full.</summary>
    QueueFull,

    /// <summary>Came to a connection and had no effect: forged, seen before, or a handshake message that says nothing new.</summary>
    WithoutEffect,
}
