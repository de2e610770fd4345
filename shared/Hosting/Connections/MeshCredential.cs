using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Connections;

/// <summary>
/// How services prove to each other that they belong to the mesh: a call carries a value derived from the secret of the service that is
/// called, never the secret itself. Without that secret nobody's calls are accepted (in one process no call comes by network).
/// </summary>
public sealed class MeshCredential(MeshSettings settings)
{
    public const string Header = "x-mesh-credential";

    /// <summary>The credential for calls to a gRPC service such as <c>jitsimesh.bridge.BridgeControl</c>, or null when its secret is not set here.</summary>
    public string? For(string grpcServiceName)
    {
        ArgumentNullException.ThrowIfNull(grpcServiceName);
        var secret = settings.Get(grpcServiceName.StartsWith("jitsimesh.bridge.", StringComparison.Ordinal) ? KnownSettings.JvbAuthPassword : KnownSettings.JicofoAuthPassword);
        return secret.Length == 0
            ? null
            : Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("jitsimesh grpc 1 " + grpcServiceName)));
    }

    /// <summary>Whether a caller's value is the right one; takes the same time for any wrong one.</summary>
    public bool Accepts(string grpcServiceName, string? presented) =>
        For(grpcServiceName) is { } expected && presented is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(presented));
}
