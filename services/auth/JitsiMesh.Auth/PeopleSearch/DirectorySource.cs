using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>One directory in which people are found.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Connection">Servers and the account that searches.</param>
/// <param name="Base">The name below which people are searched.</param>
/// <param name="Scope">How far below.</param>
/// <param name="Restriction">What every entry must fulfil.</param>
/// <param name="Fields">Which attributes hold what.</param>
/// <param name="Phones">How numbers become such that can be dialled.</param>
/// <param name="MailSuffix">Put behind addresses without an @; empty leaves those out.</param>
internal sealed record DirectorySource(
    string Name, LdapConnectionSettings Connection, string Base, LdapScope Scope, LdapFilter Restriction, DirectoryFields Fields, PhoneRules Phones, string MailSuffix)
{
    public override string ToString() => Name;
}

/// <summary>Somebody who was found.</summary>
internal sealed record FoundPerson(string Name, IReadOnlyList<string> Mail, IReadOnlyList<FoundNumber> Numbers, string? Organisation, string? Department, string? Picture)
{
    public string? FirstMail => Mail.Count > 0 ? Mail[0] : null;

    public string? FirstNumber => Numbers.Count > 0 ? Numbers[0].Number : null;

    public override string ToString() => "person";
}

/// <param name="Number">As it can be dialled.</param>
/// <param name="Kind">work, mobile or home.</param>
internal sealed record FoundNumber(string Number, string Kind);
