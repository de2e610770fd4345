using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>
/// Logs accounts of one domain in: SASL PLAIN and SCRAM against stored keys. A wrong name, password or proof and a removed account all get
/// the same answer, for the same work.
/// </summary>
/// <param name="domain">Prepared.</param>
/// <param name="accounts">Who there is.</param>
/// <param name="tries">Limits by account and address.</param>
/// <param name="audit">One line for each outcome.</param>
/// <param name="random">For nonces.</param>
/// <param name="admit">The answer for one who has proved to be the account: gets additional data with success.</param>
internal sealed class PasswordLogin(string domain, IAccountSource accounts, LoginTries tries, LoginAudit audit, IRandomSource random, Func<Account, byte[], AdmitResponse> admit)
{
    /// <summary>
    /// The stronger first. COMPAT(lib-jitsi-meet): it knows SCRAM-SHA-1 and PLAIN of these, and takes no notice of the others.
    /// </summary>
    public static readonly IReadOnlyList<string> Mechanisms = [ScramHash.Sha256.Mechanism, ScramHash.Sha1.Mechanism, "PLAIN"];

    private const int NonceDigits = 32;

    /// <summary>What every wrong login gets (RFC 6120 section 6.5.10): neither a text nor a difference.</summary>
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
            // A password that cannot be prepared is nobody's, and refusing it takes as long.
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
        // The state is ours; it is another mechanism's only where signalling mixes two exchanges up.
        if (!ScramServer.TryReadState(hash, request.State.Span, out var first)) return Malformed(request);
        return await TryAsync(first.Username, request, account =>
        {
            var keys = account?.KeysOf(hash) ?? Invented(hash, first);
            return ScramServer.TryFinish(request.Message.Span, request.State.Span, keys, out var success) ? success : null;
        }, cancellation);
    }

    /// <param name="username">As the client wrote it.</param>
    /// <param name="request">The step.</param>
    /// <param name="check">Gets the account or null; gives additional data for success, or null for a wrong one. Does the same work for both.</param>
    /// <param name="cancellation">Of the call.</param>
    private async ValueTask<AdmitResponse> TryAsync(string username, AdmitRequest request, Func<Account?, byte[]?> check, CancellationToken cancellation)
    {
        var name = Prepare(username);
        var key = name ?? "";
        if (!tries.TryBegin(key, request.AddressTag))
        {
            audit.Limited(domain, request.Mechanism, request.AddressTag);
            return AdmissionAnswers.Refuse("temporary-auth-failure", "", "too_many_tries");
        }

        var isOver = false;
        try
        {
            var account = await accounts.FindAsync(key, cancellation);
            var success = check(account);
            isOver = true;
            if (account is null || success is null)
            {
                tries.Failed(key, request.AddressTag);
                audit.Refused(domain, account?.Name, request.Mechanism, request.AddressTag);
                return Wrong(account is null ? "unknown_account" : "wrong_password");
            }

            tries.Succeeded(key, request.AddressTag);
            audit.Admitted(domain, account.Name, request.Mechanism, request.AddressTag);
            return admit(account, success);
        }
        finally
        {
            if (!isOver) tries.Withdrawn(key, request.AddressTag);
        }
    }

    private async ValueTask<ScramCredentials> KeysAsync(ScramHash hash, ScramFirst first, CancellationToken cancellation) =>
        (await accounts.FindAsync(Prepare(first.Username) ?? "", cancellation))?.KeysOf(hash) ?? Invented(hash, first);

    private ScramCredentials Invented(ScramHash hash, ScramFirst first) => accounts.Invented.Of(hash, Prepare(first.Username) ?? first.Username);

    /// <summary>The account's name for what the client wrote; null for what is nobody's name.</summary>
    private static string? Prepare(string username) => SaslPrep.TryPrepare(username, out var prepared) && JidPreparation.TryLocal(prepared, out var local) ? local : null;

    /// <summary>An authorization identity is the account's own JID or name, or none: nobody acts for somebody else (RFC 6120 section 6.3.8).</summary>
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
