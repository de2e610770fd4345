namespace JitsiMesh.Acme.Challenges;

/// <summary>How control of a name is proved.</summary>
public enum ChallengeKind
{
    /// <summary>A file under <c>/.well-known/acme-challenge/</c> on port 80 (RFC 8555 section 8.3).</summary>
    Http01,

    /// <summary>A dedicated certificate in a TLS handshake on port 443 (RFC 8737).</summary>
    TlsAlpn01,
}

/// <summary>Their names in the protocol.</summary>
public static class ChallengeKinds
{
    public static string NameOf(ChallengeKind kind) => kind == ChallengeKind.Http01 ? "http-01" : "tls-alpn-01";

    public static bool TryRead(string text, out ChallengeKind kind)
    {
        kind = text == "tls-alpn-01" ? ChallengeKind.TlsAlpn01 : ChallengeKind.Http01;
        return text is "http-01" or "tls-alpn-01";
    }
}

/// <summary>A challenge response that a server must provide until the authority has checked it.</summary>
/// <param name="Kind">The kind of challenge.</param>
/// <param name="Name">The DNS name, in lower case.</param>
/// <param name="Token">The last part of the path that the authority requests.</param>
/// <param name="KeyAuthorization">The response: not secret.</param>
public sealed record ChallengeAnswer(ChallengeKind Kind, string Name, string Token, string KeyAuthorization)
{
    public const string HttpPath = "/.well-known/acme-challenge/";
}
