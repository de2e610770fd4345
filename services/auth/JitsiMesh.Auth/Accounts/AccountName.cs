using JitsiMesh.Xmpp;

namespace JitsiMesh.Auth.Accounts;

/// <summary>What an account may be called: the local part of a JID (RFC 7622 section 3.3), in a length that people can read.</summary>
internal static class AccountName
{
    public const string Rule = "a name has 1 to 128 letters, digits, dots, dashes, underscores and the like; no @, no spaces, no quotes, none of / : & < >";

    public const int Characters = 128;

    /// <param name="text">As somebody typed it.</param>
    /// <param name="name">In lower case and one form, as the account is kept.</param>
    public static bool TryPrepare(string text, out string name)
    {
        name = "";
        return text.Length <= Characters && JidPreparation.TryLocal(text, out name) && name.Length <= Characters;
    }
}
