using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp.Sasl;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Auth.ServiceAccounts;

/// <summary>
/// Admits recorders and gateways on one domain, whatever the login type of users. Their accounts are settings: a changed password takes effect at the next start, without
/// registration.
/// </summary>
internal sealed class ServiceAccountAuthority(string domain, IReadOnlyList<ServiceAccount> accounts, ILoginTries tries, LoginAudit audit, IRandomSource random) : IAdmissionAuthority
{
    private readonly PasswordLogin _login = new(domain, new Source(accounts), tries, audit, random,
        (account, message) => AdmissionAnswers.Admit(account.Name, new SessionContext { Identity = $"{account.Name}@{domain}" }, message));

    public IReadOnlyList<string> Mechanisms(string host) => string.Equals(host, domain, StringComparison.OrdinalIgnoreCase) ? PasswordLogin.Mechanisms : [];

    public ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation) => _login.AdmitAsync(request, cancellation);

    /// <summary>Registers one authority for each domain with accounts.</summary>
    public static void Add(IHostApplicationBuilder builder, MeshSettings settings)
    {
        foreach (var accounts in ServiceAccount.Of(settings).GroupBy(account => account.Domain, StringComparer.OrdinalIgnoreCase))
        {
            builder.Services.AddSingleton<IAdmissionAuthority>(provider => new ServiceAccountAuthority(
                accounts.Key, [.. accounts], provider.GetRequiredService<ILoginTries>(), provider.GetRequiredService<LoginAudit>(), provider.GetRequiredService<IRandomSource>()));
        }
    }

    // The salts of known and unknown names are derived in the same way from the passwords: nothing has to be stored, and all auth services of a cluster have the same salts.
    private sealed class Source : IAccountSource
    {
        // Every client gets a salt, so it must not allow fast password guessing.
        private const int SecretRounds = 300_000;

        private readonly Lazy<InventedKeys> _invented;
        private readonly Lazy<Dictionary<string, Account>> _accounts;

        public Source(IReadOnlyList<ServiceAccount> accounts)
        {
            var passwords = string.Join('\n', accounts.Select(a => $"{a.Name}\n{a.Password}").Order(StringComparer.Ordinal));
            _invented = new Lazy<InventedKeys>(() => new InventedKeys(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passwords), "JitsiMesh accounts of services"u8, SecretRounds, HashAlgorithmName.SHA256, 32)));

            // Derived on first use, since it takes thousands of iterations.
            _accounts = new Lazy<Dictionary<string, Account>>(() => accounts.ToDictionary(a => a.Name, Make, StringComparer.Ordinal));
        }

        public InventedKeys Invented => _invented.Value;

        public ValueTask<Account?> FindAsync(string name, CancellationToken cancellation) => ValueTask.FromResult(_accounts.Value.GetValueOrDefault(name));

        private Account Make(ServiceAccount account)
        {
            if (!SaslPrep.TryPrepare(account.Password, out var password)) return new Account(account.Name, null, []);
            return new Account(account.Name, null, [.. ScramHash.All.Select(hash => ScramCredentials.FromPassword(hash, password, Invented.Salt(hash, account.Name), PasswordKeys.Iterations))]);
        }
    }
}
