namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>The indexes of the public listeners in the process; HTTPS is null when TLS is terminated elsewhere.</summary>
public sealed record EdgeListeners(int HttpIndex, int? HttpsIndex);
