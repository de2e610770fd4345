using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Guests;
using JitsiMesh.Hosting.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Auth;

/// <summary>The composition of the auth service.</summary>
public static class AuthModule
{
    /// <remarks>Where logins are demanded, which this version cannot do, <c>AddMeshDefaults</c> has ended the start: it must not let everybody in instead.</remarks>
    public static IHostApplicationBuilder AddAuth(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
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
