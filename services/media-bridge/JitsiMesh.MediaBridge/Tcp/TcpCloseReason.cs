namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>Why a media connection was closed; the words of the metric's <c>reason</c>.</summary>
internal enum TcpCloseReason
{
    /// <summary>The other side ended it, or the network did.</summary>
    Remote,

    /// <summary>Too many connections in all.</summary>
    Full,

    /// <summary>Too many from its address.</summary>
    AddressFull,

    /// <summary>Others of its kind came after it, and it had not shown whose it is.</summary>
    Displaced,

    /// <summary>It did not show in time whose it is.</summary>
    Unidentified,

    /// <summary>What it sent first is no ICE check.</summary>
    NotStun,

    /// <summary>Its first check is of no endpoint here, or is not authentic.</summary>
    UnknownCheck,

    /// <summary>A frame longer than a datagram may be, or a broken hello.</summary>
    BadFraming,

    /// <summary>Its endpoint has too many.</summary>
    EndpointFull,

    /// <summary>Its endpoint is gone.</summary>
    EndpointEnded,

    /// <summary>It said nothing for long.</summary>
    Silent,

    /// <summary>It took nothing for long.</summary>
    Stalled,

    /// <summary>An exception of ours, contained.</summary>
    Fault,

    /// <summary>The bridge ends.</summary>
    Shutdown,
}
