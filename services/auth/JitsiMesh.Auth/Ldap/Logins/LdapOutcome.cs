using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>How a login ended that the directory could decide.</summary>
internal enum LdapOutcomeKind
{
    Admitted,
    UnknownUser,
    AmbiguousUser,
    WrongPassword,

    /// <summary>The password was not looked at, or does not count: locked, expired, must be changed.</summary>
    AccountUnusable,
}

/// <param name="Kind">How it ended.</param>
/// <param name="Detail">For the operator who tests a login: what the server said. Never for clients, never in logs.</param>
/// <param name="Person">What is known of the one who was admitted; null otherwise.</param>
internal sealed record LdapOutcome(LdapOutcomeKind Kind, string Detail, LdapPerson? Person = null)
{
    /// <summary>For counters: one of few.</summary>
    public string Reason => Kind switch
    {
        LdapOutcomeKind.UnknownUser => "unknown_user",
        LdapOutcomeKind.AmbiguousUser => "ambiguous_user",
        LdapOutcomeKind.AccountUnusable => "account_unusable",
        _ => "wrong_password",
    };

    public override string ToString() => Kind.ToString();
}

/// <summary>Somebody who was admitted.</summary>
/// <param name="Entry">The entry; null where it could not be read (fastbind with a name that is no distinguished name).</param>
/// <param name="Moderator">Whether one of the groups of moderators has the person; null where no such group is named.</param>
/// <param name="Features">Each named feature, and whether the person has it.</param>
internal sealed record LdapPerson(LdapEntry? Entry, bool? Moderator, IReadOnlyDictionary<string, bool> Features)
{
    public string? Name => First("displayName") ?? First("cn");

    public string? Mail => First("mail");

    private string? First(string attribute) => Entry?.Texts(attribute).Select(text => text.Trim()).FirstOrDefault(text => text.Length is > 0 and <= 256);

    public override string ToString() => "person";
}
