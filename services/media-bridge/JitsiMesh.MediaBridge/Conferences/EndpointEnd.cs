namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Why an endpoint ended.</summary>
public enum EndpointEnd
{
    /// <summary>Focus said so.</summary>
    Expired,
    Inactive,
    IceFailed,
    DtlsFailed,
    ConferenceEnded,

    /// <summary>An exception in its handling, or repeatedly in its conference's: our bug, which costs this endpoint or this conference and no other.</summary>
    InternalError,
}
