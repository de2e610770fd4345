using System.Security.Cryptography;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Jose;

namespace JitsiMesh.Acme.Orders;

/// <summary>An external account (RFC 8555 section 7.3.4). Its ToString prints nothing.</summary>
/// <param name="KeyId">The authority's identifier of the secret.</param>
/// <param name="Secret">The secret.</param>
public sealed record ExternalAccount(string KeyId, byte[] Secret)
{
    public override string ToString() => "external account";
}

/// <summary>The parameters of one order.</summary>
public sealed record AcmeOrderOptions
{
    /// <summary>The authority's directory, HTTPS.</summary>
    public required Uri Directory { get; init; }

    public required AcmeKey AccountKey { get; init; }

    /// <summary>The account's URL, if one was stored; else the account of the key is looked up or created.</summary>
    public Uri? Account { get; init; }

    /// <summary>Whether the contact differs from the stored account's.</summary>
    public bool ContactChanged { get; init; }

    /// <summary>A mail address; null for none.</summary>
    public string? Email { get; init; }

    /// <summary>For a new account.</summary>
    public ExternalAccount? ExternalAccount { get; init; }

    /// <summary>DNS names in lower case, one to <see cref="AcmeLimits.Identifiers"/>, no wildcard.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The certificate's key. A resumed order must use the key that it was started with.</summary>
    public required ECDsa CertificateKey { get; init; }

    /// <summary>A pending order of this account; null for a new order.</summary>
    public Uri? Order { get; init; }

    /// <summary>The challenge kinds to use, in order of preference.</summary>
    public required IReadOnlyList<ChallengeKind> Challenges { get; init; }

    /// <summary>Common name of the root (the issuer of the last certificate) of the preferred chain, if there are several; empty for the authority's default.</summary>
    public string PreferredChain { get; init; } = "";
}
