namespace JitsiMesh.Jingle;

public enum MediaKind
{
    Audio,
    Video,
}

public enum VideoType
{
    Camera,
    Desktop,
}

/// <summary>One SSRC of a participant's camera, screen or microphone: primary or retransmission.</summary>
/// <param name="Ssrc">1 to 2^32-1.</param>
/// <param name="Name">The name of the camera or microphone, <c>a1b2c3d4-v0</c>, shared by its SSRCs. Null from very old clients.</param>
/// <param name="Msid">Media stream and track, <c>stream track</c> (RFC 8830). Null only in a removal and from very old clients.</param>
public sealed record Source(uint Ssrc, MediaKind Kind, string? Name = null, string? Msid = null, VideoType VideoType = VideoType.Camera);

/// <param name="Owner">The endpoint, or <c>jvb</c> for the bridge's own; null in a client's message about its own sources.</param>
public readonly record struct OwnedSource(string? Owner, Source Source);

public enum GroupSemantics
{
    /// <summary>Simulcast layers, low to high.</summary>
    Sim,

    /// <summary>A primary SSRC and its retransmission (RFC 5576 section 4.2).</summary>
    Fid,
}

/// <summary>A group of SSRCs (RFC 5576). Equal by value, in order.</summary>
public sealed record SsrcGroup(GroupSemantics Semantics, MediaKind Kind, IReadOnlyList<uint> Ssrcs)
{
    public bool Equals(SsrcGroup? other) =>
        other is not null && Semantics == other.Semantics && Kind == other.Kind && Ssrcs.SequenceEqual(other.Ssrcs);

    public override int GetHashCode()
    {
        var hash = HashCode.Combine(Semantics, Kind);
        foreach (var ssrc in Ssrcs) hash = HashCode.Combine(hash, ssrc);
        return hash;
    }
}
