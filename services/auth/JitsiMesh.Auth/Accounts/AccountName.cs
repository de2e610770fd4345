using JitsiMesh.Xmpp;

namespace JitsiMesh.Auth.Accounts;

/// <summary>The permitted names of accounts: local parts of JIDs (RFC 7622 section 3.3), of a readable length.</summary>
internal static class AccountName
{
    public const string Rule = "a name has 1 to 128 letters, digits, dots, dashes, underscores and the like; no @, no spaces, no quotes, none of / : & < >";

    public const int Characters = 128;

    /// <param name="text">As typed.</param>
    /// <param name="name">In lower case and normalized, as stored.</param>
    public static bool TryPrepare(string text, out string name)
    {
        name = "";
        return text.Length <= Characters && JidPreparation.TryLocal(text, out name) && name.Length <= Characters;
    }
}
