namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>The announcement to clients when the speaker changes.</summary>
/// <param name="Dominant">The dominant speaker; kept while no one speaks. Null when no endpoint is left.</param>
/// <param name="Previous">Earlier speakers, the latest first, without the dominant one.</param>
public sealed record SpeakerChange(string? Dominant, IReadOnlyList<string> Previous);
