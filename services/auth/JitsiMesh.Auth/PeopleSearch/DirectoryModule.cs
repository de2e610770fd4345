using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Searches for people (MESH_DIRECTORY).</summary>
internal static class DirectoryModule
{
    /// <exception cref="SettingsException">One line for each mistake.</exception>
    public static void AddDirectory(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        if (!settings.Get(KnownSettings.DirectorySearch)) return;
        var sources = DirectoryConfiguration.Read(settings);
        builder.Services.AddSingleton(provider => new PeopleDirectory(sources, settings.Get(KnownSettings.DirectoryTimeout), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeopleDirectory>>()));
        if (settings.Get(KnownSettings.DirectoryOpen)) builder.Services.Replace(ServiceDescriptor.Singleton<IDirectoryAccess, OpenDirectory>());
        else builder.Services.TryAddSingleton<IDirectoryAccess, ClosedDirectory>();

        // What the framework says of requests has their query in it, at whatever level.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
    }

    public static void MapDirectory(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<PeopleDirectory>() is not { } directory) return;
        var access = routes.ServiceProvider.GetRequiredService<IDirectoryAccess>();
        routes.MapGet(PeopleSearchEndpoint.Path, context => PeopleSearchEndpoint.AnswerAsync(context, directory, access));
    }
}
