using System.Text.Json;
using JitsiMesh.Auth.Tokens;

namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>Reads a user's name, groups and rights from the claims of a valid ID token and of the UserInfo answer (OpenID Connect Core 1.0 sections 2 and 5.3).</summary>
internal static class OidcPerson
{
    /// <param name="options">The meaning of the claims.</param>
    /// <param name="target">The room that the login is for.</param>
    /// <param name="sources">The claims, those of the ID token first.</param>
    /// <param name="tokens">Issuer and audience of the token to issue.</param>
    /// <exception cref="OidcRefusedException">The user may not log in, or not to that room.</exception>
    public static TokenContent Read(OidcOptions options, LoginTarget target, IReadOnlyList<JsonElement> sources, TokenOptions tokens)
    {
        if (Text(sources, "sub", TokenLimits.NameCharacters) is not { } subject) throw new OidcRefusedException(OidcRefusal.Claims);
        var groups = Texts(sources, options.GroupsClaim);
        if (options.AllowedGroups is { } allowed && !allowed.Any(groups.Contains)) throw new OidcRefusedException(OidcRefusal.Group);
        if (options.TenantClaim.Length > 0) DemandTenant(options, target, sources);
        var features = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (feature, group) in options.FeatureGroups) features[feature] = features.GetValueOrDefault(feature) || groups.Contains(group);
        return new TokenContent
        {
            Issuer = OwnTokens.IssuerOf(tokens),
            Audience = OwnTokens.AudienceOf(tokens),
            Subject = target.Tenant.Length > 0 ? target.TenantLabel : options.Domain,
            Room = target.Room.ToLowerInvariant(),
            UserId = subject,
            UserName = NameOf(options, sources),
            Email = MailOf(options, sources),
            Avatar = AvatarOf(options, sources),
            Moderator = options.ModeratorGroups?.Any(groups.Contains),
            Features = [.. features.Where(f => f.Value).Select(f => f.Key)],
            DeniedFeatures = [.. features.Where(f => !f.Value).Select(f => f.Key)],
            Lifetime = options.TokenLifetime,
        };
    }

    // For a room without a tenant the claim names the main domain, as a token's sub does.
    private static void DemandTenant(OidcOptions options, LoginTarget target, IReadOnlyList<JsonElement> sources)
    {
        var tenant = target.Tenant.Length > 0 ? target.TenantLabel : options.Domain;
        var own = Texts(sources, options.TenantClaim);
        if (!own.Contains("*") && !own.Any(name => name.Replace('.', '_').Equals(tenant.Replace('.', '_'), StringComparison.OrdinalIgnoreCase))) throw new OidcRefusedException(OidcRefusal.Tenant);
    }

    private static string? NameOf(OidcOptions options, IReadOnlyList<JsonElement> sources)
    {
        var name = Text(sources, options.NameClaim, int.MaxValue) ?? Text(sources, "preferred_username", int.MaxValue);
        if (name is not { Length: > OidcLimits.PersonName }) return name;
        return name[..(char.IsHighSurrogate(name[OidcLimits.PersonName - 1]) ? OidcLimits.PersonName - 1 : OidcLimits.PersonName)];
    }

    private static string? MailOf(OidcOptions options, IReadOnlyList<JsonElement> sources) =>
        sources.Any(s => s.Member("email_verified") is { } verified && !verified.IsTrue()) ? null : Text(sources, options.MailClaim, OidcLimits.PersonAddress);

    private static string? AvatarOf(OidcOptions options, IReadOnlyList<JsonElement> sources) =>
        Text(sources, options.AvatarClaim, OidcLimits.PersonAddress) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" ? address.AbsoluteUri : null;

    private static string? Text(IReadOnlyList<JsonElement> sources, string claim, int most) => sources.SelectMany(source => Find(source, claim)).Select(value =>
        value.ValueKind == JsonValueKind.String && value.GetString()!.Trim() is { Length: > 0 } text && text.Length <= most && TokenJson.IsPlain(text) ? text : null).FirstOrDefault(text => text is not null);

    private static HashSet<string> Texts(IReadOnlyList<JsonElement> sources, string claim)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in sources.SelectMany(source => Find(source, claim)))
        {
            if (value.ValueKind == JsonValueKind.String) texts.Add(value.GetString()!);
            if (value.ValueKind != JsonValueKind.Array) continue;
            texts.UnionWith(value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!));
        }

        return texts;
    }

    // A claim of exactly that name, for instance https://example.com/groups, else the path through objects.
    private static IEnumerable<JsonElement> Find(JsonElement source, string claim)
    {
        if (claim.Length == 0) yield break;
        if (source.Member(claim) is { } whole)
        {
            yield return whole;
            yield break;
        }

        JsonElement? at = source;
        foreach (var name in claim.Split('.')) at = at?.Member(name);
        if (at is { } found) yield return found;
    }
}
