using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>The outcome of a login that the directory could check.</summary>
internal enum LdapOutcomeKind
{
    Admitted,
    UnknownUser,
    AmbiguousUser,
    WrongPassword,

    /// <summary>The password was not checked, or does not suffice: locked, expired, must be changed.</summary>
    AccountUnusable,
}

/// <param name="Kind">The outcome.</param>
/// <param name="Detail">For the operator who tests a login: the server's text. Never for clients, never in logs.</param>
/// <param name="Person">The admitted user; null otherwise.</param>
internal sealed record LdapOutcome(LdapOutcomeKind Kind, string Detail, LdapPerson? Person = null)
{
    /// <summary>For counters: one of a few fixed names.</summary>
    public string Reason => Kind switch
    {
        LdapOutcomeKind.UnknownUser => "unknown_user",
        LdapOutcomeKind.AmbiguousUser => "ambiguous_user",
        LdapOutcomeKind.AccountUnusable => "account_unusable",
        _ => "wrong_password",
    };

    public override string ToString() => Kind.ToString();
}

/// <summary>An admitted user.</summary>
/// <param name="Entry">The entry; null if it could not be read (fastbind with a name that is no distinguished name).</param>
/// <param name="Moderator">Whether the user is in one of the moderator groups; null if no such group is configured.</param>
/// <param name="Features">Each configured feature, and whether the user has it.</param>
internal sealed record LdapPerson(LdapEntry? Entry, bool? Moderator, IReadOnlyDictionary<string, bool> Features)
{
    public string? Name => First("displayName") ?? First("cn");

    public string? Mail => First("mail");

    private string? First(string attribute) => Entry?.Texts(attribute).Select(text => text.Trim()).FirstOrDefault(text => text.Length is > 0 and <= 256);

    public override string ToString() => "person";
}
