using System.Globalization;
using System.Security.Cryptography;
using System.Text;

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
    public static IReadOnlyList<ExternalService> List(SignallingOptions options, DateTimeOffset now)
    {
        var expires = now + options.ExternalServiceLifetime;
        var username = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var restricted = options.ExternalServiceSecret.Length > 0;
        var password = restricted ? Password(options.ExternalServiceSecret, username) : null;
        var list = new List<ExternalService>();
        foreach (var service in options.ExternalServices)
        {
            var asks = service.Restricted && service.Type != "stun";
            if (asks && restricted) list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, username, password, expires));
            else if (asks && options.ExternalServiceUsername.Length > 0) list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, options.ExternalServiceUsername, options.ExternalServicePassword, null));
            else list.Add(new ExternalService(service.Type, service.Host, service.Port, service.Transport, null, null, null));
        }

        return list;
    }

    public static string Password(string secret, string username) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
}
