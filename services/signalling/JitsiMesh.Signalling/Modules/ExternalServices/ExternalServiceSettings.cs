using System.Globalization;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Signalling.Modules.ExternalServices;

/// <summary>Makes of the settings STUN_HOST, TURN_HOST, TURNS_HOST and their companions what clients are told.</summary>
public static class ExternalServiceSettings
{
    /// <exception cref="SettingsException">A port that is none, or a user without a password.</exception>
    public static void Apply(MeshSettings settings, SignallingOptions options)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(options);
        options.ExternalServiceSecret = settings.Get(KnownSettings.TurnCredentials);
        options.ExternalServiceLifetime = settings.Get(KnownSettings.TurnTtl);
        options.ExternalServiceUsername = settings.Get(KnownSettings.TurnUsername);
        options.ExternalServicePassword = settings.Get(KnownSettings.TurnPassword);
        if (options.ExternalServiceUsername.Length > 0 && options.ExternalServicePassword.Length == 0) throw new SettingsException(["TURN_PASSWORD: is needed with TURN_USERNAME"]);

        Add("stun", KnownSettings.StunHost, settings.Get(KnownSettings.StunPort), "udp");
        var transport = settings.Get(KnownSettings.TurnTransport);
        string[] transports = transport == "both" ? ["tcp", "udp"] : transport.Split(',');
        foreach (var one in transports) Add("turn", KnownSettings.TurnHost, settings.Get(KnownSettings.TurnPort), one);

        // Clients leave out a turns that is not told to be over TCP.
        Add("turns", KnownSettings.TurnsHost, settings.Get(KnownSettings.TurnsPort), "tcp");

        void Add(string type, Setting<IReadOnlyList<string>> hosts, int port, string over)
        {
            foreach (var text in settings.Get(hosts))
            {
                var (host, own) = Split(text, hosts.Name);
                options.ExternalServices.Add(new ExternalServiceOptions { Type = type, Host = host, Port = own ?? port, Transport = over, Restricted = type != "stun" });
            }
        }
    }

    /// <summary>
    /// The relay of the edge, where it is on: behind TLS on the HTTPS port of PUBLIC_URL, and on its UDP port. Without PUBLIC_URL nobody knows what people type, and they are not told of it.
    /// </summary>
    public static void AddRelay(MeshSettings settings, string secret, SignallingOptions options)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(options);
        if (!settings.Get(KnownSettings.TurnRelay) || secret.Length == 0 || settings.PublicUrl is not { } text) return;
        var url = new Uri(text);
        var host = url.IdnHost.Trim('[', ']');
        options.RelaySecret = secret;
        if (!settings.Get(KnownSettings.DisableHttps)) options.ExternalServices.Add(new ExternalServiceOptions { Type = "turns", Host = host, Port = url.Port, Transport = "tcp", IsRelay = true });
        if (settings.Get(KnownSettings.TurnUdp) is { Port: > 0 } udp) options.ExternalServices.Add(new ExternalServiceOptions { Type = "turn", Host = host, Port = udp.Port, Transport = "udp", IsRelay = true });
    }

    /// <summary>Servers that ask for credentials are told of without any: the operator has most likely forgotten them.</summary>
    public static bool LacksCredentials(SignallingOptions options) =>
        options.ExternalServiceSecret.Length == 0 && options.ExternalServiceUsername.Length == 0 && options.ExternalServices.Any(service => service is { Restricted: true, IsRelay: false });

    private static (string Host, int? Port) Split(string text, string name)
    {
        // An IPv6 address has colons of its own: with a port it stands in brackets.
        var end = text.LastIndexOf(']');
        var colon = text.IndexOf(':', Math.Max(end, 0));
        if (colon < 0 || (end < 0 && text.IndexOf(':', colon + 1) >= 0)) return (text.Trim('[', ']'), null);
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) throw new SettingsException([$"{name}: '{text}' has no port from 1 to 65535 behind its colon"]);
        return (text[..colon].Trim('[', ']'), port);
    }
}
