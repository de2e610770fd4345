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
/// Lets recorders and gateways in on one domain, however people log in. Their accounts are settings: a changed password counts with the next start, and nothing has
/// to be registered anywhere.
/// </summary>
internal sealed class ServiceAccountAuthority(string domain, IReadOnlyList<ServiceAccount> accounts, LoginTries tries, LoginAudit audit, IRandomSource random) : IAdmissionAuthority
{
    private readonly PasswordLogin _login = new(domain, new Source(accounts), tries, audit, random,
        (account, message) => AdmissionAnswers.Admit(account.Name, new SessionContext { Identity = $"{account.Name}@{domain}" }, message));

    public IReadOnlyList<string> Mechanisms(string host) => string.Equals(host, domain, StringComparison.OrdinalIgnoreCase) ? PasswordLogin.Mechanisms : [];

    public ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation) => _login.AdmitAsync(request, cancellation);

    /// <summary>One for each domain that has accounts.</summary>
    public static void Add(IHostApplicationBuilder builder, MeshSettings settings)
    {
        foreach (var accounts in ServiceAccount.Of(settings).GroupBy(account => account.Domain, StringComparer.OrdinalIgnoreCase))
        {
            builder.Services.AddSingleton<IAdmissionAuthority>(provider => new ServiceAccountAuthority(
                accounts.Key, [.. accounts], new LoginTries(provider.GetRequiredService<TimeProvider>()), provider.GetRequiredService<LoginAudit>(), provider.GetRequiredService<IRandomSource>()));
        }
    }

    // The salts of known and unknown names are made alike, from what the passwords are: nothing has to be stored, and every auth service of a cluster has the same.
    private sealed class Source : IAccountSource
    {
        // A salt is told to everybody who asks: it must not be a quick way to try passwords out.
        private const int SecretRounds = 300_000;

        private readonly Lazy<InventedKeys> _invented;
        private readonly Lazy<Dictionary<string, Account>> _accounts;

        public Source(IReadOnlyList<ServiceAccount> accounts)
        {
            var passwords = string.Join('\n', accounts.Select(a => $"{a.Name}\n{a.Password}").Order(StringComparer.Ordinal));
            _invented = new Lazy<InventedKeys>(() => new InventedKeys(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passwords), "JitsiMesh accounts of services"u8, SecretRounds, HashAlgorithmName.SHA256, 32)));

            // Thousands of rounds, for those who need them.
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
