namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>What clients are told when the speaker changes.</summary>
/// <param name="Dominant">The dominant speaker; kept while nobody speaks. Null when nobody is left.</param>
/// <param name="Previous">Earlier speakers, the latest first, without the dominant one.</param>
public sealed record SpeakerChange(string? Dominant, IReadOnlyList<string> Previous);
