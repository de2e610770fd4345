using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.SystemTokens;

/// <summary>Registers the verification of tokens of an operator's programs, whatever ENABLE_AUTH is.</summary>
internal static class SystemTokenModule
{
    /// <exception cref="SettingsException">Two kinds of keys at once, or an invalid address or secret.</exception>
    public static void AddSystemTokens(this IHostApplicationBuilder builder, MeshSettings settings)
    {
        var options = OptionsOf(settings);
        builder.Services.AddSingleton<ISystemTokens>(provider => new SystemTokenCheck(options is null ? null : VerifierOf(options, provider)));
    }

    /// <summary>Null where neither of the two keys is set.</summary>
    public static TokenOptions? OptionsOf(MeshSettings settings)
    {
        var secret = settings.Get(KnownSettings.SystemTokenSecret) is { Length: > 0 } given ? given : null;
        var keyServer = settings.Get(KnownSettings.SystemTokenKeyServer);
        if (secret is null && keyServer is null) return null;
        var problems = new List<string>();
        if (secret is not null && keyServer is not null) problems.Add($"{KnownSettings.SystemTokenSecret.Name}: not possible beside {KnownSettings.SystemTokenKeyServer.Name}: unset one of the two");
        if (keyServer is not null && keyServer.UserInfo.Length + keyServer.Fragment.Length + keyServer.Query.Length > 0)
        {
            problems.Add($"{KnownSettings.SystemTokenKeyServer.Name}: a user, a password, a query ('?') or a fragment ('#') is not allowed");
        }

        if (secret?.Contains("-----BEGIN", StringComparison.Ordinal) == true) problems.Add($"{KnownSettings.SystemTokenSecret.Name}: it is a key in PEM; public keys come from {KnownSettings.SystemTokenKeyServer.Name}");

        // The issuer of users' tokens must not become an administrator by it.
        if (secret is not null && secret == settings.Get(KnownSettings.JwtAppSecret)) problems.Add($"{KnownSettings.SystemTokenSecret.Name}: it is the same as {KnownSettings.JwtAppSecret.Name}, so that every login would administer all rooms");
        if (keyServer is not null && settings.Get(KnownSettings.JwtAsapKeyServer) is { } ofLogins && keyServer.AbsoluteUri.TrimEnd('/') == ofLogins.AbsoluteUri.TrimEnd('/')) problems.Add($"{KnownSettings.SystemTokenKeyServer.Name}: it is the same as {KnownSettings.JwtAsapKeyServer.Name}, so that every login could administer all rooms");
        if (problems.Count > 0) throw new SettingsException(problems);
        return new TokenOptions
        {
            Domain = settings.XmppDomain,
            Secret = secret is null ? null : new SharedKey(secret),
            KeyServer = keyServer,
            Algorithms = [.. TokenAlgorithm.All.Where(algorithm => algorithm.IsShared == secret is not null)],
            Issuers = FirstOf(settings, KnownSettings.SystemTokenIssuers, KnownSettings.JwtAcceptedIssuers) ?? (settings.Get(KnownSettings.JwtAppId) is { Length: > 0 } appId ? [appId] : ["*"]),
            Audiences = FirstOf(settings, KnownSettings.SystemTokenAudiences, KnownSettings.JwtAcceptedAudiences) ?? ["*"],
            RequireExpiry = settings.Get(KnownSettings.JwtRequireExpiry),
            RequireRoom = false,
            Leeway = settings.Get(KnownSettings.JwtLeeway),
        };
    }

    private static TokenVerifier VerifierOf(TokenOptions options, IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return new TokenVerifier(options, TokenModule.KeysOf(options, time, provider.GetRequiredService<ILoggerFactory>()), time);
    }

    private static IReadOnlyList<string>? FirstOf(MeshSettings settings, params ReadOnlySpan<Setting<IReadOnlyList<string>>> lists)
    {
        foreach (var list in lists)
        {
            if (settings.Get(list) is { Count: > 0 } names) return names;
        }

        return null;
    }
}
