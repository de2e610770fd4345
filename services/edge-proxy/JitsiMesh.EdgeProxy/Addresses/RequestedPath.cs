namespace JitsiMesh.EdgeProxy.Addresses;

/// <summary>The feature that holds the path of a public request, read once.</summary>
internal sealed record RequestedPath(PublicPath Path);
