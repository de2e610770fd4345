using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>
/// Finds which of the configured groups a user belongs to. Each group is searched for the user, directly or, where the server supports Active Directory's rule,
/// through nested groups; otherwise nested groups are found by following memberOf upwards.
/// </summary>
internal sealed class LdapGroups(LdapLoginSettings settings, LdapConnection connection, LdapServer server)
{
    /// <summary>LDAP_MATCHING_RULE_IN_CHAIN of Active Directory.</summary>
    private const string InChain = "1.2.840.113556.1.4.1941";

    private const string MemberOf = "memberOf";

    /// <exception cref="LdapException">The directory request failed.</exception>
    public async Task<LdapPerson> PersonAsync(LdapEntry entry, LoginName name, CancellationToken cancellation)
    {
        var shown = entry.Name.Length > 0 ? entry : null;
        if (!settings.ReadsGroups) return new LdapPerson(shown, null, new Dictionary<string, bool>());
        var wanted = (settings.ModeratorGroups ?? []).Concat(settings.FeatureGroups.Select(f => f.Group)).DistinctBy(LdapText.ComparableName).ToList();
        var member = await MemberOfAsync(entry, name, wanted, cancellation);
        bool Has(string group) => member.Contains(LdapText.ComparableName(group));
        var features = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (feature, group) in settings.FeatureGroups) features[feature] = features.GetValueOrDefault(feature) || Has(group);
        return new LdapPerson(shown, settings.ModeratorGroups?.Any(Has), features);
    }

    private async Task<HashSet<string>> MemberOfAsync(LdapEntry entry, LoginName name, List<string> wanted, CancellationToken cancellation)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (entry.Name.Length == 0) return found;
        var parents = entry.Texts(MemberOf).ToList();
        foreach (var group in parents) found.Add(LdapText.ComparableName(group));
        foreach (var group in wanted.Where(group => !found.Contains(LdapText.ComparableName(group))).ToList())
        {
            if (await HasAsync(group, entry.Name, name, cancellation)) found.Add(LdapText.ComparableName(group));
        }

        if (wanted.TrueForAll(group => found.Contains(LdapText.ComparableName(group)))) return found;
        await WalkAsync(parents, found, cancellation);
        return found;
    }

    private async Task<bool> HasAsync(string group, string member, LoginName name, CancellationToken cancellation)
    {
        LdapFilter[] direct = [LdapFilter.Equal("member", member), LdapFilter.Equal("uniqueMember", member), LdapFilter.Equal("memberUid", name.Local)];
        var chain = new LdapFilter.Extensible("member", InChain, false, System.Text.Encoding.UTF8.GetBytes(member));
        var (entries, result) = await connection.SearchAsync(new LdapSearch(group, LdapScope.Base, LdapFilter.Any([.. direct, chain]), ["1.1"], 1), cancellation);

        // A server that does not support the rule may refuse the whole filter (RFC 4511 section 4.5.1.7: it should not).
        if (result.Code is LdapResultCode.InappropriateMatching or LdapResultCode.ProtocolError or LdapResultCode.UnwillingToPerform or LdapResultCode.CriticalExtensionUnavailable)
        {
            (entries, result) = await connection.SearchAsync(new LdapSearch(group, LdapScope.Base, LdapFilter.Any(direct), ["1.1"], 1), cancellation);
        }

        return result.Code switch
        {
            LdapResultCode.Success => entries.Count > 0 && LdapText.ComparableName(entries[0].Name) == LdapText.ComparableName(group),

            // A group that does not exist, or that the search account may not read, has no members.
            LdapResultCode.NoSuchObject or LdapResultCode.InsufficientAccessRights or LdapResultCode.InvalidDnSyntax or LdapResultCode.Referral => false,
            _ => throw new LdapException(LdapFault.SearchFailed, server, $"{server}: a group cannot be read ({result})"),
        };
    }

    private async Task WalkAsync(List<string> parents, HashSet<string> found, CancellationToken cancellation)
    {
        var queue = new Queue<string>(parents);
        var read = new HashSet<string>(StringComparer.Ordinal);
        while (queue.TryDequeue(out var group) && read.Count < LdapLimits.WalkedGroups)
        {
            if (!read.Add(LdapText.ComparableName(group))) continue;
            var (entries, result) = await connection.SearchAsync(new LdapSearch(group, LdapScope.Base, new LdapFilter.Present("objectClass"), [MemberOf], 1), cancellation);
            if (!result.Succeeded) continue;
            foreach (var parent in entries.SelectMany(e => e.Texts(MemberOf)))
            {
                found.Add(LdapText.ComparableName(parent));
                queue.Enqueue(parent);
            }
        }
    }
}
