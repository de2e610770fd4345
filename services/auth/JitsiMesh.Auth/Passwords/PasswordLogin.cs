using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>
/// Logs accounts of one domain in: SASL PLAIN and SCRAM against stored keys. A wrong name, password or proof and a removed account all get
/// the same answer, after the same work.
/// </summary>
/// <param name="domain">Prepared.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="tries">Limits by account and address.</param>
/// <param name="audit">One line for each outcome.</param>
/// <param name="random">For nonces.</param>
/// <param name="admit">Builds the answer for an authenticated account; gets the additional data with success.</param>
internal sealed class PasswordLogin(string domain, IAccountSource accounts, ILoginTries tries, LoginAudit audit, IRandomSource random, Func<Account, byte[], AdmitResponse> admit)
{
    /// <summary>
    /// The stronger one first. COMPAT(lib-jitsi-meet): it supports SCRAM-SHA-1 and PLAIN of these, and ignores the others.
    /// </summary>
    public static readonly IReadOnlyList<string> Mechanisms = [ScramHash.Sha256.Mechanism, ScramHash.Sha1.Mechanism, "PLAIN"];

    private const int NonceDigits = 32;

    /// <summary>The answer to every wrong login (RFC 6120 section 6.5.10), without a text, so that the cause is not disclosed.</summary>
    private static AdmitResponse Wrong(string reason) => AdmissionAnswers.Refuse("not-authorized", "", reason);

    public async ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation)
    {
        try
        {
            if (ScramHash.OfMechanism(request.Mechanism) is not { } hash) return await PlainAsync(request, cancellation);
            return request.State.IsEmpty ? await ScramFirstAsync(hash, request, cancellation) : await ScramFinalAsync(hash, request, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            audit.Unavailable(domain, exception);
            return AdmissionAnswers.Refuse("temporary-auth-failure", "", "accounts_unavailable");
        }
    }

    private async ValueTask<AdmitResponse> PlainAsync(AdmitRequest request, CancellationToken cancellation)
    {
        if (!SaslPlain.TryParse(request.Message.Span, out var plain)) return Malformed(request);
        if (!IsOwn(plain.AuthorizationId, plain.Username)) return WrongAuthorization(request);
        return await TryAsync(plain.Username, request, account =>
        {
            // A password that cannot be prepared matches no account, and its refusal takes the same time.
            var isPassword = SaslPrep.TryPrepare(plain.Password, out var password);
            var keys = account?.KeysOf(ScramHash.Sha256) ?? account?.KeysOf(ScramHash.Sha1) ?? accounts.Invented.Of(ScramHash.Sha256, plain.Username);
            return keys.IsOf(isPassword ? password : " ") && isPassword ? [] : null;
        }, cancellation);
    }

    private async ValueTask<AdmitResponse> ScramFirstAsync(ScramHash hash, AdmitRequest request, CancellationToken cancellation)
    {
        if (!ScramServer.TryReadFirst(request.Message.Span, out var first)) return Malformed(request);
        if (!IsOwn(first.AuthorizationId, first.Username)) return WrongAuthorization(request);
        var keys = await KeysAsync(hash, first, cancellation);
        var challenge = ScramServer.Challenge(hash, first, keys.Salt, keys.Iterations, random.NextHex(NonceDigits));
        return AdmissionAnswers.Challenge(challenge.Message, challenge.State);
    }

    private async ValueTask<AdmitResponse> ScramFinalAsync(ScramHash hash, AdmitRequest request, CancellationToken cancellation)
    {
        // This server wrote the state; it belongs to another mechanism only if signalling mixes up two exchanges.
        if (!ScramServer.TryReadState(hash, request.State.Span, out var first)) return Malformed(request);
        return await TryAsync(first.Username, request, account =>
        {
            var keys = account?.KeysOf(hash) ?? Invented(hash, first);
            return ScramServer.TryFinish(request.Message.Span, request.State.Span, keys, out var success) ? success : null;
        }, cancellation);
    }

    /// <param name="username">As sent by the client.</param>
    /// <param name="request">The step.</param>
    /// <param name="check">Gets the account or null; returns additional data for success, or null for a wrong password. Does the same work for both.</param>
    /// <param name="cancellation">Of the call.</param>
    private async ValueTask<AdmitResponse> TryAsync(string username, AdmitRequest request, Func<Account?, byte[]?> check, CancellationToken cancellation)
    {
        var name = Prepare(username);
        var key = name ?? "";
        if (await tries.BeginAsync($"{key}@{domain}", request.AddressTag) is not { } attempt)
        {
            audit.Limited(domain, request.Mechanism, request.AddressTag);
            return AdmissionAnswers.Refuse("temporary-auth-failure", "", "too_many_tries");
        }

        var end = LoginTryEnd.Undecided;
        try
        {
            var account = await accounts.FindAsync(key, cancellation);
            var success = check(account);
            end = account is null || success is null ? LoginTryEnd.Failed : LoginTryEnd.Succeeded;
            if (account is null || success is null)
            {
                audit.Refused(domain, account?.Name, request.Mechanism, request.AddressTag);
                return Wrong(account is null ? "unknown_account" : "wrong_password");
            }

            audit.Admitted(domain, account.Name, request.Mechanism, request.AddressTag);
            return admit(account, success);
        }
        finally
        {
            await tries.EndAsync(attempt, end);
        }
    }

    private async ValueTask<ScramCredentials> KeysAsync(ScramHash hash, ScramFirst first, CancellationToken cancellation) =>
        (await accounts.FindAsync(Prepare(first.Username) ?? "", cancellation))?.KeysOf(hash) ?? Invented(hash, first);

    private ScramCredentials Invented(ScramHash hash, ScramFirst first) => accounts.Invented.Of(hash, Prepare(first.Username) ?? first.Username);

    /// <summary>The account's name for the client's input; null for an invalid name.</summary>
    private static string? Prepare(string username) => SaslPrep.TryPrepare(username, out var prepared) && JidPreparation.TryLocal(prepared, out var local) ? local : null;

    /// <summary>An authorization identity must be empty, or the account's own JID or name: a client must not act for another user (RFC 6120 section 6.3.8).</summary>
    private bool IsOwn(string authorization, string username) => authorization.Length == 0 || authorization == username
        || (Jid.TryParse(authorization, out var jid) && jid.Domain == domain && jid.Local is not null && jid.Local == Prepare(username));

    private AdmitResponse Malformed(AdmitRequest request)
    {
        audit.Unreadable(domain, request.Mechanism, request.AddressTag, "malformed_login");
        return AdmissionAnswers.Refuse("malformed-request", "", "malformed_login");
    }

    private AdmitResponse WrongAuthorization(AdmitRequest request)
    {
        audit.Unreadable(domain, request.Mechanism, request.AddressTag, "wrong_authorization");
        return AdmissionAnswers.Refuse("invalid-authzid", "", "wrong_authorization");
    }
}
