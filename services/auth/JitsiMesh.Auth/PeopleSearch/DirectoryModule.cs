using JitsiMesh.Auth.Tokens;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Registers people search (MESH_DIRECTORY).</summary>
internal static class DirectoryModule
{
    /// <exception cref="SettingsException">One line for each error.</exception>
    public static void AddDirectory(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        if (!settings.Get(KnownSettings.DirectorySearch)) return;
        var sources = DirectoryConfiguration.Read(settings);
        builder.Services.AddSingleton(provider => new PeopleDirectory(sources, settings.Get(KnownSettings.DirectoryTimeout), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeopleDirectory>>()));
        builder.Services.AddSingleton<SearchBudget>();
        if (settings.Get(KnownSettings.DirectoryOpen)) builder.Services.AddSingleton<IDirectoryAccess, OpenDirectory>();
        else builder.Services.AddSingleton<IDirectoryAccess>(provider => new SignedInDirectory(
            provider.GetRequiredService<IMeshStore>(), provider.GetService<TokenVerifier>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SignedInDirectory>>()));

        // The framework's request logs contain the query, at every level.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
    }

    public static void MapDirectory(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<PeopleDirectory>() is not { } directory) return;
        var access = routes.ServiceProvider.GetRequiredService<IDirectoryAccess>();
        var budget = routes.ServiceProvider.GetRequiredService<SearchBudget>();
        routes.MapGet(PeopleSearchEndpoint.Path, async context => await PeopleSearchEndpoint.AnswerAsync(context, directory, access, budget));
    }
}
