namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>Why a media connection was closed; the values of the metric's <c>reason</c>.</summary>
internal enum TcpCloseReason
{
    /// <summary>The other side or the network closed it.</summary>
    Remote,

    /// <summary>Too many connections in total.</summary>
    Full,

    /// <summary>Too many connections from its address.</summary>
    AddressFull,

    /// <summary>Newer unauthenticated connections displaced it before it was authenticated.</summary>
    Displaced,

    /// <summary>It was not authenticated in time.</summary>
    Unidentified,

    /// <summary>Its first frame is not an ICE check.</summary>
    NotStun,

    /// <summary>Its first check belongs to no endpoint here, or is not authentic.</summary>
    UnknownCheck,

    /// <summary>A frame longer than a datagram may be, or a malformed pseudo TLS hello.</summary>
    BadFraming,

    /// <summary>Its endpoint has too many connections.</summary>
    EndpointFull,

    /// <summary>Its endpoint ended.</summary>
    EndpointEnded,

    /// <summary>It sent nothing for too long.</summary>
    Silent,

    /// <summary>It accepted no output for too long.</summary>
    Stalled,

    /// <summary>A contained exception.</summary>
    Fault,

    /// <summary>The bridge is stopping.</summary>
    Shutdown,
}
