using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>The account of a user who logs in with a name and a password. Its ToString prints nothing.</summary>
/// <param name="Name">The local part of the JID, prepared.</param>
/// <param name="DisplayName">For other participants; null if none is stored.</param>
/// <param name="Keys">One for each hash with stored keys.</param>
internal sealed record Account(string Name, string? DisplayName, IReadOnlyList<ScramCredentials> Keys)
{
    public ScramCredentials? KeysOf(ScramHash hash) => Keys.FirstOrDefault(keys => keys.Hash == hash);

    public override string ToString() => "account";
}
