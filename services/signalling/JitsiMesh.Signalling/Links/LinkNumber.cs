namespace JitsiMesh.Signalling.Links;

/// <summary>The number of an envelope: who numbered it, and which it is.</summary>
public readonly record struct LinkNumber(string Sender, long Sequence);
