namespace JitsiMesh.Auth.Ldap;

/// <summary>Limits of everything that a directory, or a user who logs in, can make large or slow.</summary>
internal static class LdapLimits
{
    /// <summary>A longer message ends the connection: an entry with a picture fits.</summary>
    public const int MessageOctets = 1 << 20;

    /// <summary>Attributes of one entry; an entry with more is an invalid answer.</summary>
    public const int AttributesPerEntry = 256;

    /// <summary>Values of one attribute; Active Directory returns at most 1,500 at once.</summary>
    public const int ValuesPerAttribute = 20_000;

    /// <summary>Messages of one search besides its last; more are an invalid answer.</summary>
    public const int MessagesPerSearch = 4096;

    /// <summary>Characters of a filter; a longer one is refused.</summary>
    public const int FilterCharacters = 4096;

    /// <summary>Nesting depth of a filter.</summary>
    public const int FilterDepth = 16;

    /// <summary>Conditions of one filter.</summary>
    public const int FilterParts = 256;

    /// <summary>Octets of a login name: those of a JID's local part.</summary>
    public const int LoginNameOctets = 1023;

    /// <summary>Octets of a password: longer ones are not sent.</summary>
    public const int PasswordOctets = 1024;

    /// <summary>Servers of one list.</summary>
    public const int Servers = 16;

    /// <summary>Connections to one server for each of the two purposes; further logins wait, no longer than <see cref="Login"/>.</summary>
    public const int ConnectionsPerServer = 16;

    /// <summary>Groups in the settings, for moderators and features together.</summary>
    public const int NamedGroups = 64;

    /// <summary>Groups that are read when nested groups are followed upwards; beyond this number the user counts as no member of the group.</summary>
    public const int WalkedGroups = 128;

    /// <summary>Iterations of a {CRYPT} hash; a hash with more matches no password.</summary>
    public const int CryptRounds = 1_000_000;

    /// <summary>CA certificates that are read from one folder.</summary>
    public const int AuthorityFiles = 4096;

    /// <summary>Timeout for a connection, including TLS.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromSeconds(2);

    /// <summary>Timeout of one operation.</summary>
    public static readonly TimeSpan Operation = TimeSpan.FromSeconds(5);

    /// <summary>Timeout of a whole login, so that no client waits more than 6 s.</summary>
    public static readonly TimeSpan Login = TimeSpan.FromSeconds(5.5);

    /// <summary>How long a server that did not answer is tried last.</summary>
    public static readonly TimeSpan DeadServer = TimeSpan.FromSeconds(30);

    /// <summary>Idle time after which a connection is closed: less than the idle limits of servers and firewalls.</summary>
    public static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(60);

    /// <summary>The longest delay of the refusal of an unknown name, to match the time of a wrong password.</summary>
    public static readonly TimeSpan LongestPace = TimeSpan.FromSeconds(1);
}
