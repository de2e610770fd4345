namespace JitsiMesh.Signalling.Muc;

/// <summary>The affiliations of XEP-0045 section 5.2, by their rank.</summary>
public static class Affiliations
{
    public const string Owner = "owner";
    public const string Admin = "admin";
    public const string Member = "member";
    public const string None = "none";
    public const string Outcast = "outcast";

    public static bool IsKnown(string affiliation) => affiliation is Owner or Admin or Member or None or Outcast;

    /// <summary>Owner and admin become moderator (section 5.1.2), everyone else participant.</summary>
    public static string RoleOf(string affiliation) => affiliation is Owner or Admin ? "moderator" : "participant";
}
