using System.Text;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Tokens;

/// <summary>The validated settings of tokens.</summary>
internal sealed record TokenOptions
{
    /// <summary>The domain on which users log in with tokens.</summary>
    public required string Domain { get; init; }

    /// <summary>Set if the algorithms are HMAC; then neither of the two addresses is set.</summary>
    public SharedKey? Secret { get; init; }

    public Uri? KeyServer { get; init; }

    public Uri? KeySet { get; init; }

    /// <summary>The accepted algorithms; not empty, and matching the kind of the keys.</summary>
    public required IReadOnlyList<TokenAlgorithm> Algorithms { get; init; }

    /// <summary>Not empty; <c>*</c> accepts any.</summary>
    public required IReadOnlyList<string> Issuers { get; init; }

    /// <summary>Not empty; <c>*</c> accepts any.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    public IReadOnlyList<string> AllOwnerIssuers { get; init; } = [];

    public bool AllowEmpty { get; init; }

    public bool VerifyDomain { get; init; }

    public bool RequireExpiry { get; init; } = true;

    /// <summary>Whether a token must name its room and its subject. Tokens of programs may omit them.</summary>
    public bool RequireRoom { get; init; } = true;

    /// <summary>The tolerated clock difference.</summary>
    public TimeSpan Leeway { get; init; }

    /// <exception cref="SettingsException">One line for each setting that is missing or contradicts another.</exception>
    public static TokenOptions From(MeshSettings settings)
    {
        var problems = new List<string>();
        var secret = settings.Get(KnownSettings.JwtAppSecret) is { Length: > 0 } given ? given : null;
        var appId = settings.Get(KnownSettings.JwtAppId);
        var issuers = settings.Get(KnownSettings.JwtAcceptedIssuers) is { Count: > 0 } list ? list : appId.Length > 0 ? [appId] : [];
        var keyServer = AddressOf(settings, KnownSettings.JwtAsapKeyServer, problems);
        var keySet = AddressOf(settings, KnownSettings.JwtKeySetUrl, problems);
        if (keyServer is { Query.Length: > 0 }) problems.Add($"{KnownSettings.JwtAsapKeyServer.Name}: a query ('?') is not allowed, since the name of each key is appended");
        AddMissing(settings.Get(KnownSettings.AuthType) is AuthenticationType.Hybrid ? "hybrid" : "jwt", secret, keyServer ?? keySet, appId, issuers, problems);
        if (secret is not null && (keyServer ?? keySet) is not null)
        {
            problems.Add($"{KnownSettings.JwtAppSecret.Name}: not possible beside {(keyServer is null ? KnownSettings.JwtKeySetUrl.Name : KnownSettings.JwtAsapKeyServer.Name)}: tokens are signed with a shared secret or with a private key; unset one of the two");
        }

        if (secret?.Contains("-----BEGIN", StringComparison.Ordinal) == true)
        {
            problems.Add($"{KnownSettings.JwtAppSecret.Name}: it is a key in PEM, with whose public part anyone could sign tokens; public keys come from {KnownSettings.JwtAsapKeyServer.Name} or {KnownSettings.JwtKeySetUrl.Name}");
        }

        var audiences = settings.Get(KnownSettings.JwtAcceptedAudiences) is { Count: > 0 } named ? named : ["*"];
        var owners = settings.Get(KnownSettings.JwtAllOwnerIssuers);
        foreach (var owner in owners.Where(o => o != "*" && issuers.Count > 0 && !issuers.Contains("*") && !issuers.Contains(o)))
        {
            problems.Add($"{KnownSettings.JwtAllOwnerIssuers.Name}: '{owner}' is not among the accepted issuers ({KnownSettings.JwtAcceptedIssuers.Name}, else {KnownSettings.JwtAppId.Name})");
        }

        AddModules(settings, problems);
        var algorithms = AlgorithmsOf(settings, secret is not null, (keyServer ?? keySet) is not null, problems);
        if (problems.Count > 0) throw new SettingsException(problems);
        return new TokenOptions
        {
            Domain = settings.XmppDomain,
            Secret = secret is null ? null : new SharedKey(secret),
            KeyServer = keyServer,
            KeySet = keySet,
            Algorithms = algorithms,
            Issuers = issuers,
            Audiences = audiences,
            AllOwnerIssuers = owners,
            AllowEmpty = settings.Get(KnownSettings.JwtAllowEmpty),
            VerifyDomain = settings.TokensNameTenants,
            RequireExpiry = settings.Get(KnownSettings.JwtRequireExpiry),
            Leeway = settings.Get(KnownSettings.JwtLeeway),
        };
    }

    private static void AddMissing(string type, string? secret, Uri? keys, string appId, IReadOnlyList<string> issuers, List<string> problems)
    {
        var keyNames = $"{KnownSettings.JwtAppSecret.Name}, {KnownSettings.JwtAsapKeyServer.Name} or {KnownSettings.JwtKeySetUrl.Name}";
        if (secret is null && keys is null)
        {
            problems.Add(issuers.Count == 0
                ? $"{KnownSettings.JwtAppId.Name}: with {KnownSettings.AuthType.Name}={type} it must be set, and so must one of {keyNames}"
                : $"{KnownSettings.JwtAppSecret.Name}: with {KnownSettings.AuthType.Name}={type} one of {keyNames} must be set");
        }
        else if (issuers.Count == 0)
        {
            problems.Add($"{KnownSettings.JwtAppId.Name}: with {KnownSettings.AuthType.Name}={type} it must be set, or {KnownSettings.JwtAcceptedIssuers.Name}: the issuer that tokens name");
        }
        else if (secret is not null && appId.Length > 0 && secret == appId)
        {
            problems.Add($"{KnownSettings.JwtAppSecret.Name}: it is the same as {KnownSettings.JwtAppId.Name}, which every token shows");
        }
    }

    private static void AddModules(MeshSettings settings, List<string> problems)
    {
        if (settings.Get(KnownSettings.JwtAuthType) != KnownSettings.JwtAuthType.Default)
        {
            problems.Add($"{KnownSettings.JwtAuthType.Name}: this server has no Prosody modules, and verifies tokens itself; unset it, or set {KnownSettings.JwtAuthType.Default}");
        }

        if (settings.Get(KnownSettings.JwtTokenAuthModule) != KnownSettings.JwtTokenAuthModule.Default)
        {
            problems.Add($"{KnownSettings.JwtTokenAuthModule.Name}: this server has no Prosody modules, and compares tokens with rooms itself; unset it, or set {KnownSettings.JwtTokenAuthModule.Default}");
        }
    }

    // The algorithms follow from the configured keys, never from the token.
    private static List<TokenAlgorithm> AlgorithmsOf(MeshSettings settings, bool hasSecret, bool hasKeys, List<string> problems)
    {
        var possible = TokenAlgorithm.All.Where(a => a.IsShared ? hasSecret : hasKeys).ToList();
        if (settings.Get(KnownSettings.JwtSignType) is not { Length: > 0 } only) return possible;
        var chosen = possible.Where(a => a.Name == only).ToList();
        if (chosen.Count == 0 && (hasSecret || hasKeys))
        {
            problems.Add($"{KnownSettings.JwtSignType.Name}: {only} needs {(TokenAlgorithm.Find(only)!.IsShared ? KnownSettings.JwtAppSecret.Name : $"{KnownSettings.JwtAsapKeyServer.Name} or {KnownSettings.JwtKeySetUrl.Name}")}");
        }

        return chosen;
    }

    private static Uri? AddressOf(MeshSettings settings, Setting<Uri?> setting, List<string> problems)
    {
        if (settings.Get(setting) is not { } address) return null;
        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0) problems.Add($"{setting.Name}: a user, a password or a fragment ('#') is not allowed");
        return address;
    }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Domain = ").Append(Domain);
        return true;
    }
}
