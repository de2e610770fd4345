using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Guests;
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
    /// <exception cref="SettingsException">Logins are demanded, which this version cannot do: it must not let everybody in instead.</exception>
    public static IHostApplicationBuilder AddAuth(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = builder.Services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        if (settings.Get(KnownSettings.EnableAuth))
        {
            throw new SettingsException(["ENABLE_AUTH: 'on' is not possible in this version, which lets everybody in as a guest; unset it to start"]);
        }

        builder.AddMeshService("auth");
        builder.Services.AddSingleton<IAdmissionAuthority, GuestAuthority>();
        builder.Services.AddSingleton<AdmissionService>();
        builder.Services.AddSingleton<Contracts.Auth.Admission.AdmissionBase>(provider => provider.GetRequiredService<AdmissionService>());
        return builder;
    }

    public static IEndpointRouteBuilder MapAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<AdmissionService>().OnInnerListenersOnly();
        return routes;
    }
}
