using JitsiMesh.Auth.Accounts;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Guests;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Auth.Oidc;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Auth.PeopleSearch;
using JitsiMesh.Auth.ServiceAccounts;
using JitsiMesh.Auth.SystemTokens;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Auth;

/// <summary>Registers the auth service.</summary>
public static class AuthModule
{
    /// <exception cref="SettingsException">The configured login type is not available. The service refuses to start instead of admitting clients without it.</exception>
    public static IHostApplicationBuilder AddAuth(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMeshService("auth");
        var settings = builder.Services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        builder.Services.AddSingleton<LoginAudit>();
        builder.Services.AddSingleton<LoginTries>();
        builder.Services.AddSingleton<ILoginTries, SharedLoginTries>();
        ServiceAccountAuthority.Add(builder, settings);
        foreach (var host in GuestAuthority.HostsOf(settings)) builder.Services.AddSingleton<IAdmissionAuthority>(new GuestAuthority(host));
        if (settings.Get(KnownSettings.EnableAuth)) builder.AddLogins(settings);
        builder.NoteUnusedLdap(settings);
        builder.AddDirectory(settings);
        builder.AddSystemTokens(settings);
        builder.Services.AddSingleton<AdmissionService>();
        builder.Services.AddSingleton<Contracts.Auth.Admission.AdmissionBase>(provider => provider.GetRequiredService<AdmissionService>());
        return builder;
    }

    private static void AddLogins(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var type = settings.Get(KnownSettings.AuthType);
        if (settings.Get(KnownSettings.ProsodyAuthType) is { Length: > 0 } other && !other.Equals(type.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            throw new SettingsException([$"{KnownSettings.ProsodyAuthType.Name}: names a login type other than {KnownSettings.AuthType.Name}: unset it, and set {KnownSettings.AuthType.Name} to the intended type (jwt with {KnownSettings.EnableGuests.Name}=1 for tokens and guests, hybrid for tokens and accounts)"]);
        }

        switch (type)
        {
            case AuthenticationType.Internal:
                builder.AddAccounts(settings);
                break;
            case AuthenticationType.Jwt:
                builder.AddTokens(settings);
                break;
            case AuthenticationType.Ldap:
                builder.AddLdap(settings);
                break;
            case AuthenticationType.Oidc:
                builder.AddOidc(settings);
                break;
            case AuthenticationType.Hybrid:
                builder.AddTokens(settings);
                if (settings.IsSet(KnownSettings.LdapUrl)) builder.AddLdap(settings);
                else builder.AddAccounts(settings);
                break;
            default:
                throw new SettingsException([$"{KnownSettings.AuthType.Name}: this version does not support logins of the type '{type}'. Set {KnownSettings.EnableAuth.Name}=0 to admit all clients as guests."]);
        }
    }

    public static IEndpointRouteBuilder MapAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<AdmissionService>().OnInnerListenersOnly();
        routes.MapDirectory();
        routes.MapOidc();
        return routes;
    }
}
