using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Signalling.Modules.ExternalServices;

/// <summary>One TURN or STUN server as told to a client.</summary>
public sealed record ExternalService(string Type, string Host, int Port, string Transport, string? Username, string? Password, DateTimeOffset? Expires)
{
    public override string ToString() => $"{Type}:{Host}:{Port}";
}

/// <summary>
/// Credentials that a TURN server checks with a shared secret (draft-uberti-behave-turn-rest-00 section 2.2): the user name is the time
/// of expiry, the password its HMAC-SHA1.
/// </summary>
public static class TurnCredentials
{
    /// <param name="options">The servers and their secrets.</param>
    /// <param name="session">The session that gets them: its full JID, of which the relay of the edge sees a hash.</param>
    /// <param name="now">From when on the lifetime counts.</param>
    public static IReadOnlyList<ExternalService> List(SignallingOptions options, string session, DateTimeOffset now)
    {
        var expires = now + options.ExternalServiceLifetime;
        var username = RestCredentials.Username(expires, "");
        var restricted = options.ExternalServiceSecret.Length > 0;
        var password = restricted ? RestCredentials.Password(options.ExternalServiceSecret, username) : null;
        var list = new List<ExternalService>();
        foreach (var service in options.ExternalServices)
        {
            var asks = service.Restricted && service.Type != "stun";
            if (service.IsRelay)
            {
                var own = RestCredentials.Username(expires, RestCredentials.UserOf(options.RelaySecret, session));
                list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, own, RestCredentials.Password(options.RelaySecret, own), expires));
            }
            else if (asks && restricted) list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, username, password, expires));
            else if (asks && options.ExternalServiceUsername.Length > 0) list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, options.ExternalServiceUsername, options.ExternalServicePassword, null));
            else list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, null, null, null));
        }

        return list;
    }
}
