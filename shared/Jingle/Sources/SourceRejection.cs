namespace JitsiMesh.Jingle;

/// <summary>Why a change of sources was refused; nothing of it was applied. The cause is always the requesting endpoint.</summary>
public enum SourceRejection
{
    None,

    /// <summary>The endpoint, another endpoint or the bridge already sends with it; also an SSRC that is reserved for another endpoint's return.</summary>
    SsrcInUse,
    MsidInUse,
    TooManySources,
    TooManyGroups,

    /// <summary>A group names an SSRC that is not among the endpoint's sources, or of another kind of media.</summary>
    GroupWithoutSource,

    /// <summary>A group names an SSRC twice.</summary>
    GroupRepeatsSource,
    FidGroupSize,
    GroupedSourceWithoutMsid,
    GroupMsidsDiffer,

    /// <summary>Two sources, or groups, of one kind share an msid but do not belong together.</summary>
    MsidShared,

    /// <summary>Audio and video have the same name.</summary>
    NameShared,

    /// <summary>A source's name is not its endpoint's id, '-', a letter and a number.</summary>
    ForeignName,

    /// <summary>The msid begins with the id of another endpoint, or is reserved for the bridge's own sources.</summary>
    ForeignMsid,

    /// <summary>Removal of an SSRC or a group that the endpoint does not have.</summary>
    NotFound,
}

/// <param name="SourcesPerEndpoint">SSRCs, retransmission included.</param>
/// <param name="GroupsPerEndpoint">SIM and FID groups together.</param>
public sealed record SourceLimits(int SourcesPerEndpoint = 20, int GroupsPerEndpoint = 20);
