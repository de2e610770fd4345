using System.Text.Json;
using System.Text.Json.Nodes;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Logins;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Xmpp.Sasl;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Ldap;

/// <summary>Admits users of a directory: SASL PLAIN (RFC 4616) on one host.</summary>
internal sealed partial class LdapAuthority(string host, LdapLogin login, LdapHealth health, ILoginTries tries, TimeProvider time, ILogger<LdapAuthority> logger) : IAdmissionAuthority
{
    private const string NotAuthorized = "not-authorized";

    private static readonly string[] Plain = ["PLAIN"];

    public IReadOnlyList<string> Mechanisms(string of) => string.Equals(of, host, StringComparison.OrdinalIgnoreCase) ? Plain : [];

    public async ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);

        // RFC 6120 section 6.4.2: without an initial response an empty challenge requests it.
        if (request.Message.IsEmpty && request.State.IsEmpty) return AdmissionAnswers.Challenge([], "plain"u8);
        if (!SaslPlain.TryParse(request.Message.Span, out var plain))
        {
            return request.Message.Length > 0 && request.Message[^1] == 0
                ? AdmissionAnswers.Refuse(NotAuthorized, "", "empty_password")
                : AdmissionAnswers.Refuse("malformed-request", "", "malformed");
        }

        if (!LoginName.TryCreate(plain.Username, login.Settings.Realm, out var name)) return AdmissionAnswers.Refuse(NotAuthorized, "", "login_name");
        if (!IsOwn(plain.AuthorizationId, plain.Username, name)) return AdmissionAnswers.Refuse("invalid-authzid", "", "authorization_id");
        if (System.Text.Encoding.UTF8.GetByteCount(plain.Password) > LdapLimits.PasswordOctets) return AdmissionAnswers.Refuse(NotAuthorized, "", "wrong_password");
        if (await tries.BeginAsync($"{name.Local}@{host}", request.AddressTag) is not { } attempt) return AdmissionAnswers.Refuse("temporary-auth-failure", "Too many failed logins. Try again later.", "too_many_tries");
        return await CheckAsync(name, plain.Password, attempt);
    }

    // The caller's token is not used: a client that disconnects does not indicate a fault of the directory.
    private async Task<AdmitResponse> CheckAsync(LoginName name, string password, LoginTry attempt)
    {
        var end = LoginTryEnd.Undecided;
        try
        {
            using var limit = new CancellationTokenSource(LdapLimits.Login, time);
            var outcome = await login.CheckAsync(name, password, SilentObserver.Instance, limit.Token);
            health.Worked();
            end = LoginTryEnd.Failed;
            if (outcome is { Kind: LdapOutcomeKind.Admitted, Person: { } person })
            {
                end = LoginTryEnd.Succeeded;
                return AdmissionAnswers.Admit(name.Local, ContextOf(name, person));
            }

            LogRefused(outcome.Reason);
            return AdmissionAnswers.Refuse(NotAuthorized, "", outcome.Reason);
        }
        catch (LdapException failure)
        {
            health.Failed(failure);
            LogFailed(failure.Reason, failure.Message, failure.Setting);
            return AdmissionAnswers.Refuse("temporary-auth-failure", "The directory that checks passwords is unavailable at the moment.", failure.Reason);
        }
        finally
        {
            await tries.EndAsync(attempt, end);
        }
    }

    private SessionContext ContextOf(LoginName name, LdapPerson person)
    {
        var user = new JsonObject { ["id"] = name.Local };
        if (person.Name is { } shown) user["name"] = shown;
        if (person.Mail is { } mail) user["email"] = mail;
        return new SessionContext
        {
            Identity = $"{name.Local}@{host}",
            UserContext = user.ToJsonString(),
            Features = person.Features.Count > 0 ? JsonSerializer.Serialize(person.Features) : null,
            Moderator = person.Moderator,
        };
    }

    // RFC 4616 section 2: a client must not act for another user.
    private bool IsOwn(string authorizationId, string username, LoginName name) =>
        authorizationId.Length == 0 || string.Equals(authorizationId, username, StringComparison.Ordinal)
        || string.Equals(authorizationId, $"{name.Local}@{host}", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "A login was refused: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "A login could not be checked ({Reason}): {Failure} (look at {Setting})")]
    private partial void LogFailed(string reason, string failure, string setting);
}
