using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>One directory for people search.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Connection">Servers and the search account.</param>
/// <param name="Base">The search base.</param>
/// <param name="Scope">The scope of the search.</param>
/// <param name="Restriction">A filter that every entry must match.</param>
/// <param name="Fields">The attributes of each field.</param>
/// <param name="Phones">The normalization of numbers for dialling.</param>
/// <param name="MailSuffix">Appended to addresses without an @; if empty, those addresses are dropped.</param>
internal sealed record DirectorySource(
    string Name, LdapConnectionSettings Connection, string Base, LdapScope Scope, LdapFilter Restriction, DirectoryFields Fields, PhoneRules Phones, string MailSuffix)
{
    public override string ToString() => Name;
}

/// <param name="People">The results.</param>
/// <param name="IsIncomplete">Whether a directory failed or was too slow, so that results are missing.</param>
internal sealed record FoundPeople(IReadOnlyList<FoundPerson> People, bool IsIncomplete)
{
    public override string ToString() => "people";
}

/// <summary>One result.</summary>
internal sealed record FoundPerson(string Name, IReadOnlyList<string> Mail, IReadOnlyList<FoundNumber> Numbers, string? Organisation, string? Department, string? Picture)
{
    public string? FirstMail => Mail.Count > 0 ? Mail[0] : null;

    public string? FirstNumber => Numbers.Count > 0 ? Numbers[0].Number : null;

    public override string ToString() => "person";
}

/// <param name="Number">In a form that can be dialled.</param>
/// <param name="Kind">work, mobile or home.</param>
internal sealed record FoundNumber(string Number, string Kind);
