using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Connections;

/// <summary>
/// How services prove that they belong to the mesh: a call carries a value derived from the secret of the called service, never the secret itself. Without that secret no calls
/// are accepted (in a single process no call uses the network).
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

    /// <summary>Whether a caller's value is correct; takes the same time for any wrong one.</summary>
    public bool Accepts(string grpcServiceName, string? presented) =>
        For(grpcServiceName) is { } expected && presented is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(presented));
}
