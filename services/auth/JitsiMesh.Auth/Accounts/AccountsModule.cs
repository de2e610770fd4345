using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Auth.Accounts;

/// <summary>AUTH_TYPE=internal.</summary>
internal static class AccountsModule
{
    public static IHostApplicationBuilder AddAccounts(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(_ => AccountsDatabase.Of(settings));
        services.AddSingleton(provider => new AccountStore(provider.GetRequiredService<AccountsDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAdmissionAuthority>(provider => new AccountAuthority(
            DomainOf(settings), provider.GetRequiredService<AccountStore>(), new LoginTries(provider.GetRequiredService<TimeProvider>()), provider.GetRequiredService<LoginAudit>(), provider.GetRequiredService<IRandomSource>()));
        services.AddHostedService<AccountChanges>();
        return builder;
    }

    /// <summary>The domain of people's JIDs, as it stands in them.</summary>
    public static string DomainOf(MeshSettings settings) => Jid.Create(null, settings.XmppDomain).Domain;
}
