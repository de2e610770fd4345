using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Commands;

namespace JitsiMesh.Hosting.Tests.Settings;

/// <summary>A value that cannot be taken stops what needs it, and nothing else, with one line that names the setting, the value and what is taken.</summary>
public sealed class BadConfigurationTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    [Theory]
    // What is set | the services that do not start | what their line says
    [InlineData("JVB_PORT=abc", "media-bridge", "JVB_PORT: 'abc' is not a port from 0 to 65535, or address:port (default 10000)")]
    [InlineData("HTTP_PORT=http", "edge-proxy", "HTTP_PORT: 'http' is not a port from 0 to 65535, or address:port (default 8000)")]
    [InlineData("PUBLIC_URL=http://meet.example.com", "edge-proxy, media-bridge, auth, focus, signalling", "PUBLIC_URL: 'http://meet.example.com' is not a URL that begins with https://")]
    [InlineData("PUBLIC_URL=meet.example.com", "edge-proxy, media-bridge, auth, focus, signalling", "PUBLIC_URL: 'meet.example.com' is not a URL that begins with https://")]
    [InlineData("AUTH_TYPE=kerberos", "auth, focus, edge-proxy", "AUTH_TYPE: 'kerberos' is not one of internal, jwt, ldap, oidc, hybrid; logins by a Matrix server (matrix, hybrid_matrix_token) are not possible here, since its user verification service is not asked (default internal)")]
    [InlineData("ENABLE_AUTH=disabled", "auth, focus, edge-proxy", "ENABLE_AUTH: 'disabled' is not a boolean (1, 0, true, false, yes, no, on, off) (default 0)")]
    [InlineData("JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT=soon", "focus", "JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT: 'soon' is not a duration from 1 s to 86400 s (30, 30s, 2m, 1h) (default 20)")]
    [InlineData("MAX_PARTICIPANTS=many", "signalling", "MAX_PARTICIPANTS: 'many' is not a number from 0 to 100000 (default 0)")]
    [InlineData("MESH_RESERVATION_TIMEOUT=0", "signalling", "MESH_RESERVATION_TIMEOUT: '0' is not a duration from 1 s to 120 s (30, 30s, 2m, 1h) (default 20)")]
    [InlineData("DOCKER_HOST_ADDRESS=my.host.example", "media-bridge", "DOCKER_HOST_ADDRESS: 'my.host.example' is not a comma separated list of IP addresses, each with #port if it differs from JVB_PORT")]
    [InlineData("JVB_ENABLE_APIS=rest,soap", "media-bridge", "JVB_ENABLE_APIS: 'rest,soap' is not a comma separated list of none, rest, colibri, xmpp")]
    [InlineData("JICOFO_BRIDGE_REGION_GROUPS=us, eu", "focus", "JICOFO_BRIDGE_REGION_GROUPS: 'us, eu' is not lists of names in brackets, separated by commas")]
    [InlineData("NGINX_KEEPALIVE_TIMEOUT=never", "edge-proxy", "NGINX_KEEPALIVE_TIMEOUT: 'never' is not a duration from 1 s to 3600 s (30, 30s, 2m, 1h) (default 65)")]
    [InlineData("PROSODY_TRUSTED_PROXIES=nginx", "signalling", "PROSODY_TRUSTED_PROXIES: 'nginx' is not a comma separated list of networks such as 10.0.0.0/8, or addresses (default 127.0.0.1, ::1)")]
    [InlineData("DISABLE_HTTPS=1\nENABLE_HTTP_REDIRECT=1", "edge-proxy", "ENABLE_HTTP_REDIRECT: 'on' is not possible with DISABLE_HTTPS=1, since the redirect would lead back to itself")]
    [InlineData("LOG_LEVEL=loud", "signalling, focus, media-bridge, sip-gateway, recorder, auth, edge-proxy", "LOG_LEVEL: 'loud' is not one of debug, info, warn, error (default info)")]
    [InlineData("TURN_TRANSPORT=sctp", "signalling", "TURN_TRANSPORT: 'sctp' is not one of tcp, udp, both, tcp,udp, udp,tcp (default tcp)")]
    [InlineData("VIDEOBRIDGE_MAX_MEMORY=lots", "media-bridge", "VIDEOBRIDGE_MAX_MEMORY: 'lots' is not 0, or a size such as 512m or 3g of 96m at least (default 0)")]
    [InlineData("JICOFO_MAX_MEMORY=95m", "focus", "JICOFO_MAX_MEMORY: '95m' is not 0, or a size such as 512m or 3g of 96m at least (default 0)")]
    [InlineData("MESH_MAX_MEMORY=191m", "signalling, focus, media-bridge, sip-gateway, recorder, auth, edge-proxy", "MESH_MAX_MEMORY: '191m' is not 0, or a size such as 512m or 3g of 192m at least (default 0)")]
    [InlineData("MESH_EDGE_MAX_MEMORY=999999999999g", "edge-proxy", "MESH_EDGE_MAX_MEMORY: '999999999999g' is not 0, or a size such as 512m or 3g of 96m at least (default 0)")]
    // Nothing stops for what nobody here reads
    [InlineData("RESTART_POLICY=sometimes", "", "RESTART_POLICY: 'sometimes' is not one of no, always, on-failure, on-failure:N, unless-stopped (default unless-stopped)")]
    [InlineData("MESH_REDIS_MAX_MEMORY=lots", "", "MESH_REDIS_MAX_MEMORY: 'lots' is not 0, or a size such as 512m or 3g of 16m at least (default 0)")]
    [InlineData("JIBRI_RECORDING_FRAMERATE=fast", "", "JIBRI_RECORDING_FRAMERATE: 'fast' is not a number from 1 to 60 (default 30)")]
    public void A_bad_value_stops_what_needs_it_alone(string env, string stopped, string line)
    {
        var settings = MeshSettingsFile.Read(env);

        foreach (var service in Services)
        {
            var errors = SettingsCommand.ErrorsOf(settings, service).Where(error => !error.Contains("must be set", StringComparison.Ordinal)).ToList();
            Assert.Equal(stopped.Contains(service, StringComparison.Ordinal) ? [line] : Array.Empty<string>(), errors);
        }

        Assert.Equal(stopped.Length > 0 ? 1 : 0, SettingsCommand.ErrorsOf(settings, "all-in-one").Count);
        if (stopped.Length == 0) Assert.StartsWith(line, Assert.Single(settings.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    // A secret that is missing | the services that do not start without it
    [InlineData("JICOFO_AUTH_PASSWORD", "signalling, focus, auth")]
    [InlineData("JVB_AUTH_PASSWORD", "focus, media-bridge")]
    [InlineData("JIGASI_XMPP_PASSWORD", "")]
    [InlineData("JIGASI_TRANSCRIBER_PASSWORD", "")]
    [InlineData("JIBRI_RECORDER_PASSWORD", "")]
    [InlineData("JIBRI_XMPP_PASSWORD", "")]
    public void A_missing_short_or_sample_password_stops_what_needs_it_alone(string name, string stopped)
    {
        var others = new[] { "JICOFO_AUTH_PASSWORD", "JVB_AUTH_PASSWORD", "JIGASI_XMPP_PASSWORD", "JIGASI_TRANSCRIBER_PASSWORD", "JIBRI_RECORDER_PASSWORD", "JIBRI_XMPP_PASSWORD" }.Where(other => other != name);
        foreach (var bad in new[] { "", "passw0rd", "short" })
        {
            var settings = MeshSettingsFile.Read(string.Join('\n', others.Select(other => other + "=0123456789abcdef").Append($"{name}={bad}")));

            foreach (var service in Services)
            {
                var errors = SettingsCommand.ErrorsOf(settings, service);
                if (!stopped.Contains(service, StringComparison.Ordinal))
                {
                    Assert.Empty(errors);
                    continue;
                }

                var error = Assert.Single(errors);
                Assert.StartsWith(name + ": ", error, StringComparison.Ordinal);
                Assert.Contains("./gen-passwords.sh", error, StringComparison.Ordinal);
                Assert.False(bad.Length > 0 && error.Contains(bad, StringComparison.Ordinal));
            }

            Assert.Empty(SettingsCommand.ErrorsOf(settings, "all-in-one"));
        }
    }

    [Theory]
    [InlineData("PUBLIC_URL=https://meet.example.com\nHTTPS_PORT=8443", true)]
    [InlineData("PUBLIC_URL=https://meet.example.com\nHTTPS_PORT=8443\nMESH_PUBLISHED_HTTPS_PORT=443", false)]
    [InlineData("PUBLIC_URL=https://meet.example.com:${HTTPS_PORT}\nHTTPS_PORT=8443", true)]
    [InlineData("HTTPS_PORT=8443\nPUBLIC_URL=https://meet.example.com:${HTTPS_PORT}", false)]
    [InlineData("PUBLIC_URL=https://meet.example.com\nHTTPS_PORT=443", false)]
    [InlineData("PUBLIC_URL=https://meet.example.com\nHTTPS_PORT=8443\nDISABLE_HTTPS=1", false)]
    [InlineData("PUBLIC_URL=https://meet.example.com", false)]
    public void An_address_with_another_port_than_the_one_that_is_open_is_told(string env, bool told) =>
        Assert.Equal(told, MeshSettingsFile.Read(env).Warnings.Any(warning => warning.StartsWith("PUBLIC_URL: its port", StringComparison.Ordinal)));

    [Theory]
    [InlineData("JVB_PROT=1", "JVB_PROT: not a known setting, ignored; did you mean JVB_PORT?")]
    [InlineData("ENABLE_HTTP_REDIRCT=1", "ENABLE_HTTP_REDIRCT: not a known setting, ignored; did you mean ENABLE_HTTP_REDIRECT?")]
    public void An_unknown_name_is_one_warning_with_the_nearest(string env, string line) => Assert.Equal(line, Assert.Single(MeshSettingsFile.Read(env).Warnings));
}
