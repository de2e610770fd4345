namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>Which of the process's listeners are the public ones; HTTPS is null when TLS is ended elsewhere.</summary>
public sealed record EdgeListeners(int HttpIndex, int? HttpsIndex);
