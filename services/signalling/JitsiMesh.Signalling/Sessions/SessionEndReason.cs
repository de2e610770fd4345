using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Why a socket or a session ended: in the log and in the metric alike.</summary>
public enum SessionEndReason
{
    None,

    /// <summary>The client closed its stream.</summary>
    ClosedByClient,

    /// <summary>The socket broke.</summary>
    ConnectionLost,

    /// <summary>The session went on over a newer socket.</summary>
    Resumed,

    /// <summary>No socket came back within the hibernation time.</summary>
    HibernationExpired,

    /// <summary>Another session took the same full JID.</summary>
    Replaced,
    NegotiationTimeout,
    UnknownHost,

    /// <summary>The auth service did not say who may log in; the client may try again.</summary>
    AuthUnreachable,
    NotAuthorized,

    /// <summary>The account that it logged in with is gone.</summary>
    AccountRevoked,
    NotWellFormed,
    RestrictedXml,
    BadFraming,
    FrameTooBig,
    RateExceeded,
    OutgoingQueueFull,
    UnacknowledgedQueueFull,
    BadAcknowledgement,
    TooManySocketsOfAddress,

    /// <summary>TLS could not be agreed on.</summary>
    TlsFailed,

    /// <summary>Something stood in clear text behind a request for TLS, where somebody on the way could have put it.</summary>
    ClearTextBehindStartTls,
    ShuttingDown,
    InternalError,
}

/// <summary>What rooms make of the end of a session.</summary>
public static class SessionEndReasons
{
    public static LeaveReason ToLeaveReason(this SessionEndReason reason) => reason switch
    {
        SessionEndReason.ClosedByClient or SessionEndReason.Replaced or SessionEndReason.Resumed => LeaveReason.Left,
        SessionEndReason.AccountRevoked => LeaveReason.Kicked,
        _ => LeaveReason.TimedOut,
    };
}
