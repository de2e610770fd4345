namespace JitsiMesh.Sctp;

public abstract record SctpEvent;

/// <summary>Data can flow. Raised again when the peer restarted (RFC 9260 section 5.2.4.1); its channels have ended then.</summary>
public sealed record AssociationUp : SctpEvent;

public sealed record AssociationDown(SctpDownReason Reason) : SctpEvent;

/// <summary>The peer's OPEN was accepted, or the peer acknowledged ours.</summary>
public sealed record ChannelOpened(int Id, string Label, string Protocol, bool OpenedByPeer) : SctpEvent;

public sealed record ChannelMessage(int Id, bool IsText, ReadOnlyMemory<byte> Data) : SctpEvent;

public sealed record ChannelClosed(int Id) : SctpEvent;

public enum SctpDownReason
{
    AbortedByPeer,
    AbortedLocally,
    ShutDown,
    TooManyRetransmissions,
    StaleCookie,

    /// <summary>The peer violated the protocol in a way that cannot be ignored.</summary>
    ProtocolViolation,

    /// <summary>The peer sent more than the window allows.</summary>
    OutOfResource,
}
