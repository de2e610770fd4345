namespace JitsiMesh.Jingle;

/// <summary>Why a change of sources was refused; nothing of it was applied. It is always the fault of the endpoint that asked.</summary>
public enum SourceRejection
{
    None,

    /// <summary>It sends with it already, or another endpoint or the bridge does; also what another endpoint had until now and may come back with.</summary>
    SsrcInUse,
    MsidInUse,
    TooManySources,
    TooManyGroups,

    /// <summary>A group names an SSRC that is not one of the endpoint's sources, or of another kind of media.</summary>
    GroupWithoutSource,

    /// <summary>A group names an SSRC twice.</summary>
    GroupRepeatsSource,
    FidGroupSize,
    GroupedSourceWithoutMsid,
    GroupMsidsDiffer,

    /// <summary>Two sources, or groups, of one kind share an msid and do not belong together.</summary>
    MsidShared,

    /// <summary>Audio and video have the same name.</summary>
    NameShared,

    /// <summary>A source's name is not its endpoint's id, '-', a letter and a number.</summary>
    ForeignName,

    /// <summary>An msid that begins with the id of another endpoint, or is kept for the bridge's own sources.</summary>
    ForeignMsid,

    /// <summary>Removal of an SSRC or a group that the endpoint does not have.</summary>
    NotFound,
}

/// <param name="SourcesPerEndpoint">SSRCs, retransmission included.</param>
/// <param name="GroupsPerEndpoint">SIM and FID groups together.</param>
public sealed record SourceLimits(int SourcesPerEndpoint = 20, int GroupsPerEndpoint = 20);
