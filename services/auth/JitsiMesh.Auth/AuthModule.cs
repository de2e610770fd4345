using JitsiMesh.Auth.Accounts;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Guests;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Auth.PeopleSearch;
using JitsiMesh.Auth.ServiceAccounts;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Auth;

/// <summary>The composition of the auth service.</summary>
public static class AuthModule
{
    /// <exception cref="SettingsException">A way of logging in is demanded that is not there: nobody is let in in its place.</exception>
    public static IHostApplicationBuilder AddAuth(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMeshService("auth");
        var settings = builder.Services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        builder.Services.AddSingleton<LoginAudit>();
        ServiceAccountAuthority.Add(builder, settings);
        foreach (var host in GuestAuthority.HostsOf(settings)) builder.Services.AddSingleton<IAdmissionAuthority>(new GuestAuthority(host));
        if (settings.Get(KnownSettings.EnableAuth)) builder.AddLogins(settings);
        builder.NoteUnusedLdap(settings);
        builder.AddDirectory(settings);
        builder.Services.AddSingleton<AdmissionService>();
        builder.Services.AddSingleton<Contracts.Auth.Admission.AdmissionBase>(provider => provider.GetRequiredService<AdmissionService>());
        return builder;
    }

    private static void AddLogins(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var type = settings.Get(KnownSettings.AuthType);
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
            default:
                throw new SettingsException([$"{KnownSettings.AuthType.Name}: this version has no logins of the type '{type}'. Set {KnownSettings.EnableAuth.Name}=0 to let everybody in as a guest."]);
        }
    }

    public static IEndpointRouteBuilder MapAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<AdmissionService>().OnInnerListenersOnly();
        routes.MapDirectory();
        return routes;
    }
}
