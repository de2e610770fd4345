using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>One server of a list.</summary>
/// <param name="Host">The name or address that its certificate must be for.</param>
/// <param name="Port">389 for ldap and 636 for ldaps, unless the URL has another.</param>
/// <param name="Tls">ldaps: TLS from the first octet.</param>
/// <param name="StartTls">TLS on request before anything else (RFC 4511 section 4.14).</param>
internal sealed record LdapServer(string Host, int Port, bool Tls, bool StartTls)
{
    public bool Encrypted => Tls || StartTls;

    /// <summary>Parses <c>ldap://host:port</c> or <c>ldaps://host:port</c>, optionally with a trailing slash.</summary>
    public static bool TryParse(string text, bool startTls, [NotNullWhen(true)] out LdapServer? server)
    {
        server = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("ldap" or "ldaps") || uri.Host.Length == 0) return false;
        if (uri.UserInfo.Length > 0 || uri.PathAndQuery is not ("" or "/") || uri.Fragment.Length > 0) return false;
        var tls = uri.Scheme == "ldaps";
        var port = uri.Port > 0 ? uri.Port : tls ? 636 : 389;
        server = new LdapServer(uri.DnsSafeHost, port, tls, startTls);
        return true;
    }

    public override string ToString() => FormattableString.Invariant($"{(Tls ? "ldaps" : "ldap")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
