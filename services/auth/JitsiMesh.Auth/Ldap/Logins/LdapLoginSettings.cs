namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>The settings of a login besides the servers.</summary>
/// <param name="Method">LDAP_AUTH_METHOD.</param>
/// <param name="Base">LDAP_BASE; empty for the root.</param>
/// <param name="Template">LDAP_FILTER: a filter, or a name for the method fastbind.</param>
/// <param name="Version">LDAP_VERSION.</param>
/// <param name="Realm">LDAP_REALM, else the main domain.</param>
/// <param name="ModeratorGroups">Groups whose members moderate; null if the directory does not decide about moderators.</param>
/// <param name="FeatureGroups">Features with the group that each needs; empty if the directory does not decide about features.</param>
internal sealed record LdapLoginSettings(
    Hosting.Settings.LdapAuthMethod Method, string Base, string Template, int Version, string Realm,
    IReadOnlyList<string>? ModeratorGroups, IReadOnlyList<(string Feature, string Group)> FeatureGroups)
{
    public bool ReadsGroups => ModeratorGroups is not null || FeatureGroups.Count > 0;
}
