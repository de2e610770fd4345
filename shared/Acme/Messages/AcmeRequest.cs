namespace JitsiMesh.Acme.Messages;

/// <summary>A request for the transport to send. The transport adds a User-Agent (RFC 8555 section 6.1).</summary>
/// <param name="Method">GET, HEAD or POST.</param>
/// <param name="Url">The target, always HTTPS.</param>
/// <param name="Body">application/jose+json; null without a body.</param>
/// <param name="Accept">The expected media type; null for any.</param>
public sealed record AcmeRequest(string Method, Uri Url, byte[]? Body, string? Accept = null)
{
    public const string BodyType = "application/jose+json";

    internal const string ChainType = "application/pem-certificate-chain";
}
