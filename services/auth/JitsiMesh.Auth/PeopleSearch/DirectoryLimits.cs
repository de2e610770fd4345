namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Limits of people searches.</summary>
internal static class DirectoryLimits
{
    /// <summary>Directories that one configuration may name.</summary>
    public const int Sources = 16;

    /// <summary>Characters of a query; a longer one finds no results.</summary>
    public const int QueryCharacters = 100;

    /// <summary>Parts of a query, separated by blanks; further parts are ignored.</summary>
    public const int QueryWords = 5;

    /// <summary>Attributes of one field, and of all searched fields.</summary>
    public const int AttributesPerField = 16;

    /// <summary>Entries that one search requests from a directory, for all pages of results.</summary>
    public const int HitsPerSource = 200;

    /// <summary>Results on one page.</summary>
    public const int PageSize = 100;

    /// <summary>Concurrent searches; one more is answered with 503 at once, so that a slow directory delays nothing else.</summary>
    public const int Searches = 16;

    /// <summary>Octets of a picture; a larger one is dropped.</summary>
    public const int PictureOctets = 32 * 1024;

    /// <summary>Octets of the configuration file.</summary>
    public const int ConfigurationOctets = 256 * 1024;

    /// <summary>Characters of a displayed name, address or number; a longer one is dropped.</summary>
    public const int ValueCharacters = 256;

    /// <summary>Concurrent searches of one user; one more is answered with 429, so that one user leaves room among <see cref="Searches"/>.</summary>
    public const int SearchesOfOne = 4;

    /// <summary>Burst of searches of one user. A client searches when the user pauses in typing.</summary>
    public const int SearchBurst = 30;

    /// <summary>Refill rate of <see cref="SearchBurst"/>; a user beyond it is answered with 429.</summary>
    public const int SearchesPerSecond = 2;

    /// <summary>Users whose searches are counted. When this many have searched within seconds, further ones are answered with 429.</summary>
    public const int Visitors = 10_000;
}
