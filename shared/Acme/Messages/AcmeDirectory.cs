using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Acme.Messages;

/// <summary>An authority's directory (RFC 8555 section 7.1.1).</summary>
/// <param name="NewNonce">The URL for nonces.</param>
/// <param name="NewAccount">The URL for new accounts.</param>
/// <param name="NewOrder">The URL for new orders.</param>
/// <param name="WantsExternalAccount">Whether a new account needs an external account binding.</param>
internal sealed record AcmeDirectory(Uri NewNonce, Uri NewAccount, Uri NewOrder, bool WantsExternalAccount)
{
    public static bool TryRead(ReadOnlyMemory<byte> body, Uri address, [NotNullWhen(true)] out AcmeDirectory? directory)
    {
        directory = null;
        if (!JsonReading.TryRead(body, out var document)) return false;
        using (document)
        {
            var root = document.RootElement;
            if (!AuthorityUrl.TryRead(root.Text("newNonce"), address, out var nonce)
                || !AuthorityUrl.TryRead(root.Text("newAccount"), address, out var account)
                || !AuthorityUrl.TryRead(root.Text("newOrder"), address, out var order)) return false;
            var wants = root.Member("meta") is { } meta && meta.Member("externalAccountRequired") is { ValueKind: System.Text.Json.JsonValueKind.True };
            directory = new AcmeDirectory(nonce, account, order, wants);
            return true;
        }
    }
}
