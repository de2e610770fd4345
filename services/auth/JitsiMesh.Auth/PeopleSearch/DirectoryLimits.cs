namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Bounds of searches for people.</summary>
internal static class DirectoryLimits
{
    /// <summary>Directories that one configuration may name.</summary>
    public const int Sources = 16;

    /// <summary>Characters of a query; a longer one finds nobody.</summary>
    public const int QueryCharacters = 100;

    /// <summary>Parts of a query, separated by blanks; those beyond do not count.</summary>
    public const int QueryWords = 5;

    /// <summary>Attributes of one field, and of all that are searched.</summary>
    public const int AttributesPerField = 16;

    /// <summary>People that one directory is asked for at once, whatever page of results is wanted.</summary>
    public const int HitsPerSource = 200;

    /// <summary>Results on one page.</summary>
    public const int PageSize = 100;

    /// <summary>Searches at the same time; one more is answered with 503 at once, so that a slow directory holds up nothing but itself.</summary>
    public const int Searches = 16;

    /// <summary>Octets of a picture; a larger one is left out.</summary>
    public const int PictureOctets = 32 * 1024;

    /// <summary>Octets of the file of directories.</summary>
    public const int ConfigurationOctets = 256 * 1024;

    /// <summary>Characters of a name, an address or a number that are shown; a longer one is left out.</summary>
    public const int ValueCharacters = 256;
}
