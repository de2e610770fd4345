using System.Globalization;
using System.Text.Json;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Auth.Tokens;

/// <summary>Reads the payload of a token with a valid signature: its times, its scope, and its user.</summary>
internal sealed class TokenClaimsReader(TokenOptions options, TimeProvider time)
{
    // The year 5138: beyond it the double arithmetic is no longer exact enough.
    private const double LatestTime = 1e11;

    private static readonly string[] OwnerAffiliations = ["owner", "moderator", "teacher"];

    public TokenVerdict Read(byte[] payload, string tenant, TokenCheck? check)
    {
        if (!TokenJson.TryObject(payload, TokenLimits.JsonValues, out var json)) return Refuse(check, "payload", TokenRefusal.BadFormat, "it is not a JSON object with unique names");
        var claims = json.Value;
        if (ReadTimes(claims, check) is { } time) return new TokenVerdict(null, time);
        if (ReadIssuer(claims, check, out var issuer) is { } noIssuer) return new TokenVerdict(null, noIssuer);
        if (ReadAudience(claims, check) is { } noAudience) return new TokenVerdict(null, noAudience);
        var room = claims.Member("room")?.Name();
        if (room is null && IsDemanded(claims, "room")) return Refuse(check, "room", TokenRefusal.NoRoom, "room claim is missing, or not a string of at most 1024 characters");
        check?.Passed("room", room == "*" ? "* (any)" : room ?? "none");
        var subject = claims.Member("sub")?.Name();
        if (subject is null && IsDemanded(claims, "sub")) return Refuse(check, "sub", TokenRefusal.NoSubject, "sub claim is missing, or not a string of at most 1024 characters");
        if (options.VerifyDomain && tenant.Length > 0 && subject != "*" && !tenant.Equals(subject, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(check, "sub", TokenRefusal.OtherTenant, $"it names '{subject}', but the address has the tenant '{tenant}'");
        }

        check?.Passed("sub", subject ?? "none");
        return ReadContext(claims, room, subject, issuer, check);
    }

    private bool IsDemanded(JsonElement claims, string name) => options.RequireRoom || claims.Member(name) is not null;

    private TokenRefusal? ReadTimes(JsonElement claims, TokenCheck? check)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        if (claims.Member("exp") is { } expiry)
        {
            if (!TryTime(expiry, out var end)) return Failed(check, "exp", TokenRefusal.ExpiryIsNoNumber);
            if (now >= end + options.Leeway.TotalSeconds)
            {
                long? lifetime = claims.Member("iat") is { } issued && TryTime(issued, out var begin) ? (long)(end - begin) : null;
                return Failed(check, "exp", TokenRefusal.Expired((long)(now - end), lifetime));
            }

            check?.Passed("exp", TimeText(end));
        }
        else if (options.RequireExpiry)
        {
            return Failed(check, "exp", TokenRefusal.NoExpiry, "MESH_JWT_REQUIRE_EXP=0 accepts tokens without an expiry");
        }

        if (claims.Member("nbf") is { } start)
        {
            if (!TryTime(start, out var begin)) return Failed(check, "nbf", TokenRefusal.StartIsNoNumber);
            if (now < begin - options.Leeway.TotalSeconds) return Failed(check, "nbf", TokenRefusal.NotYet, $"it is valid from {TimeText(begin)}");
            check?.Passed("nbf", TimeText(begin));
        }

        return null;
    }

    private TokenRefusal? ReadIssuer(JsonElement claims, TokenCheck? check, out string issuer)
    {
        issuer = "";
        if (claims.Member("iss") is not { } claim) return Failed(check, "iss", TokenRefusal.NoIssuer);
        if (claim.Name() is not { } name || !(options.Issuers.Contains("*") || options.Issuers.Contains(name)))
        {
            return Failed(check, "iss", TokenRefusal.BadIssuer, $"accepted: {string.Join(", ", options.Issuers)}");
        }

        issuer = name;
        check?.Passed("iss", name);
        return null;
    }

    // A string or a list of strings (RFC 7519 section 4.1.3).
    private TokenRefusal? ReadAudience(JsonElement claims, TokenCheck? check)
    {
        if (claims.Member("aud") is not { } claim) return Failed(check, "aud", TokenRefusal.NoAudience);
        var names = claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().Select(item => item.Name()).ToList() : [claim.Name()];
        if (names.Count == 0 || names.Contains(null) || !(options.Audiences.Contains("*") || names.Exists(name => options.Audiences.Contains(name!))))
        {
            return Failed(check, "aud", TokenRefusal.BadAudience, $"accepted: {string.Join(", ", options.Audiences)}");
        }

        check?.Passed("aud", string.Join(", ", names));
        return null;
    }

    private TokenVerdict ReadContext(JsonElement claims, string? room, string? subject, string issuer, TokenCheck? check)
    {
        var context = claims.Member("context");
        if (context is { ValueKind: not JsonValueKind.Object }) return Refuse(check, "context", TokenRefusal.BadContext, "it is not an object");
        var user = context?.Member("user");
        if (user is { } someone && !IsUser(someone)) return Refuse(check, "context.user", TokenRefusal.BadContext, "it is not an object, or its id, name, email or avatar is not a string, or a string has characters that XML cannot represent");
        var features = context?.Member("features");
        if (features is { } given && (given.ValueKind != JsonValueKind.Object || !TokenJson.IsPlainThroughout(given))) return Refuse(check, "context.features", TokenRefusal.BadContext, "it is not an object");
        var group = context?.Member("group");
        if (group is { } some && Scalar(some) is null) return Refuse(check, "context.group", TokenRefusal.BadContext, "it is not a string");
        var tenant = context?.Member("tenant");
        if (tenant is { } which && which.Name() is null) return Refuse(check, "context.tenant", TokenRefusal.BadContext, "it is not a string");
        var pattern = context?.Member("room") is { } ofRoom ? ofRoom.Member("regex") : null;
        if (pattern is { ValueKind: not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.String) }) return Refuse(check, "context.room.regex", TokenRefusal.BadContext, "it is neither true nor false");

        // A token without context may name its user only.
        var userId = context is null && claims.Member("user_id") is { } alone ? Scalar(alone) : null;
        var identity = user?.Member("id") is { } id && Scalar(id) is { } written ? written : userId ?? subject;
        var moderator = ModeratorOf(user, issuer);
        check?.Passed("context", $"identity {identity}, moderator {(moderator is { } says ? says ? "yes" : "no" : "not decided")}");
        return new TokenVerdict(
            new SessionContext
            {
                Identity = identity,
                Claims = new TokenClaims(room, pattern?.IsTrue() ?? false, subject, tenant?.Name()),
                UserContext = user is { } person ? TokenJson.Write(person) : userId is null ? null : TokenJson.Write(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("id", userId);
                    writer.WriteEndObject();
                }),
                Group = group is { } named ? Scalar(named) : null,
                Features = features is { } allowed ? TokenJson.Write(allowed) : null,
                Moderator = moderator,
            },
            null);
    }

    /// <summary>mod_token_affiliation: the affiliation of an owner or <c>moderator</c> grants the role; any other value denies it.</summary>
    private bool? ModeratorOf(JsonElement? user, string issuer)
    {
        if (options.AllOwnerIssuers.Contains("*") || options.AllOwnerIssuers.Contains(issuer)) return true;
        var affiliation = user?.Member("affiliation");
        var moderator = user?.Member("moderator");
        if (affiliation is null && moderator is null) return null;
        return (affiliation is { ValueKind: JsonValueKind.String } named && OwnerAffiliations.Contains(named.GetString(), StringComparer.Ordinal)) || moderator?.IsTrue() == true;
    }

    private static bool IsUser(JsonElement user)
    {
        if (user.ValueKind != JsonValueKind.Object || !TokenJson.IsPlainThroughout(user)) return false;
        foreach (var name in new[] { "id", "name", "email", "avatar" })
        {
            if (user.Member(name) is { } value && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) return false;
        }

        // An unusable id is refused instead of replaced by the subject; an empty one counts as missing.
        return user.Member("id") is not { } id || Scalar(id) is not null || (id.ValueKind == JsonValueKind.String && id.ValueEquals(""));
    }

    private static string? Scalar(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() is { Length: <= TokenLimits.NameCharacters } number ? number : null : value.Name();

    private static bool TryTime(JsonElement claim, out double seconds)
    {
        seconds = 0;
        return claim.ValueKind == JsonValueKind.Number && claim.TryGetDouble(out seconds) && Math.Abs(seconds) < LatestTime;
    }

    private static string TimeText(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static TokenRefusal Failed(TokenCheck? check, string name, TokenRefusal refusal, string? hint = null)
    {
        check?.Failed(name, refusal, hint);
        return refusal;
    }

    private static TokenVerdict Refuse(TokenCheck? check, string name, TokenRefusal refusal, string hint)
    {
        check?.Failed(name, refusal, hint);
        return new TokenVerdict(null, refusal);
    }
}
