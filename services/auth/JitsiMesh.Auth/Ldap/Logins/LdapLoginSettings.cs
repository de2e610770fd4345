namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>What a login needs to know beside the servers.</summary>
/// <param name="Method">LDAP_AUTH_METHOD.</param>
/// <param name="Base">LDAP_BASE; empty for the root.</param>
/// <param name="Template">LDAP_FILTER: a filter, or a name where the method is fastbind.</param>
/// <param name="Version">LDAP_VERSION.</param>
/// <param name="Realm">LDAP_REALM, else the main domain.</param>
/// <param name="ModeratorGroups">Names of groups whose members moderate; null where the directory says nothing of moderating.</param>
/// <param name="FeatureGroups">Features with the name of the group that has each; empty where the directory says nothing of features.</param>
internal sealed record LdapLoginSettings(
    Hosting.Settings.LdapAuthMethod Method, string Base, string Template, int Version, string Realm,
    IReadOnlyList<string>? ModeratorGroups, IReadOnlyList<(string Feature, string Group)> FeatureGroups)
{
    public bool AsksForGroups => ModeratorGroups is not null || FeatureGroups.Count > 0;
}
