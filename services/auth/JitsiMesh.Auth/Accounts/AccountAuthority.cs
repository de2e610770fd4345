using System.Text.Json;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;

namespace JitsiMesh.Auth.Accounts;

/// <summary>Admits users on the main domain with an account of this server (AUTH_TYPE=internal). Another component decides who moderates.</summary>
internal sealed class AccountAuthority(string domain, AccountStore accounts, ILoginTries tries, LoginAudit audit, IRandomSource random) : IAdmissionAuthority
{
    private readonly PasswordLogin _login = new(domain, accounts, tries, audit, random, (account, message) => Admit(account, domain, message));

    public IReadOnlyList<string> Mechanisms(string host) => string.Equals(host, domain, StringComparison.OrdinalIgnoreCase) ? PasswordLogin.Mechanisms : [];

    public ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation) => _login.AdmitAsync(request, cancellation);

    private static AdmitResponse Admit(Account account, string domain, byte[] message) => AdmissionAnswers.Admit(account.Name, new SessionContext
    {
        Identity = $"{account.Name}@{domain}",
        UserContext = account.DisplayName is { } name ? JsonSerializer.Serialize(new { id = account.Name, name }) : null,
    }, message);
}
