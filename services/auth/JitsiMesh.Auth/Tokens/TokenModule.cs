using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Tokens.Keys;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tokens;

/// <summary>Registers logins with tokens.</summary>
internal static class TokenModule
{
    /// <exception cref="SettingsException">A setting is missing, or contradicts another.</exception>
    public static void AddTokens(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var options = TokenOptions.From(settings);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(provider => new TokenVerifier(options, KeysOf(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()), provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IAdmissionAuthority, TokenAuthority>();
    }

    /// <summary>The configured sources of public keys, the key set first; null where tokens are signed with a secret.</summary>
    public static IKeySource? KeysOf(TokenOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var sources = new List<IKeySource>();
        if (options.KeySet is { } set) sources.Add(new JwksKeys(set, new KeyDownload(set), time, loggers.CreateLogger<JwksKeys>()));
        if (options.KeyServer is { } folder) sources.Add(new AsapKeys(folder, new KeyDownload(folder), time, loggers.CreateLogger<AsapKeys>()));
        return sources.Count switch { 0 => null, 1 => sources[0], _ => new KeySources(sources) };
    }
}
