namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>What clients are told when the speaker or the silence changes.</summary>
/// <param name="Dominant">The dominant speaker; kept while silent. Null when nobody is left.</param>
/// <param name="Previous">Earlier speakers, the latest first, without the dominant one.</param>
/// <param name="Silence">Nobody has spoken for a while; only in silence mode.</param>
public sealed record SpeakerChange(string? Dominant, IReadOnlyList<string> Previous, bool Silence);
