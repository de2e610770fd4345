using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Contracts.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>
/// Users with a login may search. Where logins use tokens, a Jitsi token is accepted: <c>Authorization: Bearer TOKEN</c>, or for older clients the parameter <c>jwt</c>. After a login
/// with a name and a password the client sends the session id from focus: <c>Authorization: Session ID</c>, with the machine id of the login in <see cref="MachineHeader"/>.
/// </summary>
/// <param name="store">The store of focus' logins.</param>
/// <param name="tokens">Null where tokens are not used.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs a store that does not answer.</param>
internal sealed partial class SignedInDirectory(IMeshStore store, TokenVerifier? tokens, TimeProvider time, ILogger<SignedInDirectory> logger) : IDirectoryAccess
{
    public const string MachineHeader = "X-Machine-Uid";

    public ValueTask<DirectoryVerdict> JudgeAsync(HttpContext context)
    {
        var shown = context.Request.Headers.Authorization.ToString();
        if (TryScheme(shown, "Session ", out var id)) return OfSessionAsync(id, context.Request.Headers[MachineHeader].ToString(), context.RequestAborted);
        if (!TryScheme(shown, "Bearer ", out var token)) token = context.Request.Query["jwt"].ToString();
        if (token.Length == 0) return ValueTask.FromResult(DirectoryVerdict.Refuse("no_login"));
        return tokens is null ? ValueTask.FromResult(DirectoryVerdict.Refuse("tokens_not_taken")) : OfTokenAsync(tokens, token, context.RequestAborted);
    }

    // A token's room only limits which call it opens: it is still the login of a user.
    private static async ValueTask<DirectoryVerdict> OfTokenAsync(TokenVerifier verifier, string token, CancellationToken cancellation)
    {
        var verdict = await verifier.VerifyAsync(token, "", null, cancellation);
        if (verdict.Refusal is { } refusal) return refusal == TokenRefusal.KeyServerDown ? DirectoryVerdict.Undecided(refusal.Reason) : DirectoryVerdict.Refuse(refusal.Reason);

        // Without a user id many tokens share the identity.
        var person = !HasId(verdict.Context!.UserContext) ? Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(token))) : verdict.Context!.Identity;
        return DirectoryVerdict.Admit("token " + person);
    }

    private async ValueTask<DirectoryVerdict> OfSessionAsync(string id, string machine, CancellationToken cancellation)
    {
        if (!StoredLogin.TryLocate(id, out var key, out var field)) return DirectoryVerdict.Refuse("session_malformed");
        StoredDocument? document;
        try
        {
            document = await store.ReadAsync(key, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogStoreFailed(exception);
            return DirectoryVerdict.Undecided("store_unavailable");
        }

        if (document is null || !document.Fields.TryGetValue(field, out var bytes) || StoredLogin.Read(bytes) is not { } login || !login.HoldsAt(time.GetUtcNow().ToUnixTimeMilliseconds()))
        {
            return DirectoryVerdict.Refuse("session_unknown");
        }

        return login.IsOf(machine) ? DirectoryVerdict.Admit("account " + login.Identity) : DirectoryVerdict.Refuse("session_machine");
    }

    private static bool HasId(string? user)
    {
        if (user is null) return false;
        using var document = JsonDocument.Parse(user);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("id", out var id)
            && (id.ValueKind == JsonValueKind.Number || (id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 }));
    }

    private static bool TryScheme(string shown, string scheme, [NotNullWhen(true)] out string? credential)
    {
        credential = shown.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? shown[scheme.Length..].Trim() : null;
        return credential is not null;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A session id could not be looked up; the client is asked to retry")]
    private partial void LogStoreFailed(Exception exception);
}
