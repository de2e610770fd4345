using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>Somebody who logs in with a name and a password. It prints nothing.</summary>
/// <param name="Name">The local part of the JID, prepared.</param>
/// <param name="DisplayName">For others in a room; null where none is kept.</param>
/// <param name="Keys">One for each hash that there are keys of.</param>
internal sealed record Account(string Name, string? DisplayName, IReadOnlyList<ScramCredentials> Keys)
{
    public ScramCredentials? KeysOf(ScramHash hash) => Keys.FirstOrDefault(keys => keys.Hash == hash);

    public override string ToString() => "account";
}
