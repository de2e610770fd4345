namespace JitsiMesh.Auth.Ldap;

/// <summary>Bounds of everything that a directory, or somebody who logs in, can make large or slow.</summary>
internal static class LdapLimits
{
    /// <summary>A longer message ends the connection: an entry with a picture fits.</summary>
    public const int MessageOctets = 1 << 20;

    /// <summary>Attributes of one entry; an entry with more is an answer that is not understood.</summary>
    public const int AttributesPerEntry = 256;

    /// <summary>Values of one attribute; Active Directory hands out 1,500 at once.</summary>
    public const int ValuesPerAttribute = 20_000;

    /// <summary>Messages that one search may bring besides its last; more is an answer that is not understood.</summary>
    public const int MessagesPerSearch = 4096;

    /// <summary>Characters of a filter; a longer one is refused.</summary>
    public const int FilterCharacters = 4096;

    /// <summary>How deep a filter may nest.</summary>
    public const int FilterDepth = 16;

    /// <summary>Conditions of one filter.</summary>
    public const int FilterParts = 256;

    /// <summary>Octets of a login name: those of a JID's local part.</summary>
    public const int LoginNameOctets = 1023;

    /// <summary>Octets of a password: longer ones are not sent.</summary>
    public const int PasswordOctets = 1024;

    /// <summary>Servers of one list.</summary>
    public const int Servers = 16;

    /// <summary>Connections to one server for each of the two purposes; a login beyond waits, no longer than <see cref="Login"/>.</summary>
    public const int ConnectionsPerServer = 16;

    /// <summary>Groups that settings may name, for moderators and features together.</summary>
    public const int NamedGroups = 64;

    /// <summary>Groups that are read when nested ones are followed upwards; beyond it a group counts as one that the user is not in.</summary>
    public const int WalkedGroups = 128;

    /// <summary>Rounds of a {CRYPT} hash that are computed; one with more matches no password.</summary>
    public const int CryptRounds = 1_000_000;

    /// <summary>Certificates of authorities that are read from one folder.</summary>
    public const int AuthorityFiles = 4096;

    /// <summary>How long a connection may take to be there, TLS included.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromSeconds(2);

    /// <summary>How long one operation may take.</summary>
    public static readonly TimeSpan Operation = TimeSpan.FromSeconds(5);

    /// <summary>How long a login may take in all, so that none waits more than 6 s.</summary>
    public static readonly TimeSpan Login = TimeSpan.FromSeconds(5.5);

    /// <summary>How long a server that did not answer is asked last.</summary>
    public static readonly TimeSpan DeadServer = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may rest before it is closed: less than the idle limits of servers and firewalls.</summary>
    public static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(60);
}
