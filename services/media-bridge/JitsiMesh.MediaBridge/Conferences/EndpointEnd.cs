namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Why an endpoint ended.</summary>
public enum EndpointEnd
{
    /// <summary>Focus expired it.</summary>
    Expired,
    Inactive,
    IceFailed,
    DtlsFailed,
    ConferenceEnded,

    /// <summary>An exception in its handling, or repeated exceptions in its conference: a bug, which ends this endpoint or this conference and no other.</summary>
    InternalError,
}
