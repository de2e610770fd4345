using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Auth.Accounts;

/// <summary>Registers logins with accounts of this server (AUTH_TYPE=internal).</summary>
internal static class AccountsModule
{
    public static IHostApplicationBuilder AddAccounts(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(_ => AccountsDatabase.Of(settings));
        services.AddSingleton(provider => new AccountStore(provider.GetRequiredService<AccountsDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAdmissionAuthority>(provider => new AccountAuthority(
            DomainOf(settings), provider.GetRequiredService<AccountStore>(), provider.GetRequiredService<ILoginTries>(), provider.GetRequiredService<LoginAudit>(), provider.GetRequiredService<IRandomSource>()));
        services.AddHostedService<AccountChanges>();
        return builder;
    }

    /// <summary>The domain of users' JIDs, prepared.</summary>
    public static string DomainOf(MeshSettings settings) => Jid.Create(null, settings.XmppDomain).Domain;
}
