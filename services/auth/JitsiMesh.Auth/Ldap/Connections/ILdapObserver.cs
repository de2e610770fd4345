using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>Observes the successful steps of a login; failures are exceptions or the login's outcome.</summary>
internal interface ILdapObserver
{
    void Connected(LdapServer server);

    /// <param name="server">The server.</param>
    /// <param name="version">The version of TLS.</param>
    /// <param name="cipher">The cipher suite.</param>
    /// <param name="verified">Whether its certificate was verified.</param>
    void Encrypted(LdapServer server, string version, string cipher, bool verified);

    void ServiceBound(LdapServer server, bool anonymous);

    /// <summary>The pool gave up one server and tries the next.</summary>
    void GaveUp(LdapException failure);

    void Searched(int hits, LdapEntry? hit);
}

/// <summary>An observer that does nothing.</summary>
internal sealed class SilentObserver : ILdapObserver
{
    public static readonly SilentObserver Instance = new();

    public void Connected(LdapServer server)
    {
    }

    public void Encrypted(LdapServer server, string version, string cipher, bool verified)
    {
    }

    public void ServiceBound(LdapServer server, bool anonymous)
    {
    }

    public void GaveUp(LdapException failure)
    {
    }

    public void Searched(int hits, LdapEntry? hit)
    {
    }
}
