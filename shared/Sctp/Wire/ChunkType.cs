namespace JitsiMesh.Sctp.Wire;

/// <summary>RFC 9260 section 3.2; RFC 6525 (RE-CONFIG); RFC 3758 (FORWARD-TSN).</summary>
internal enum ChunkType : byte
{
    Data = 0,
    Init = 1,
    InitAck = 2,
    Sack = 3,
    Heartbeat = 4,
    HeartbeatAck = 5,
    Abort = 6,
    Shutdown = 7,
    ShutdownAck = 8,
    Error = 9,
    CookieEcho = 10,
    CookieAck = 11,
    ShutdownComplete = 14,
    Reconfig = 130,
    ForwardTsn = 192,
}

/// <summary>RFC 9260 section 3.3.10.</summary>
internal static class ErrorCause
{
    internal const ushort InvalidStreamIdentifier = 1;
    internal const ushort StaleCookie = 3;
    internal const ushort OutOfResource = 4;
    internal const ushort UnrecognizedChunkType = 6;
    internal const ushort InvalidMandatoryParameter = 7;
    internal const ushort UserInitiatedAbort = 12;
    internal const ushort ProtocolViolation = 13;
}
