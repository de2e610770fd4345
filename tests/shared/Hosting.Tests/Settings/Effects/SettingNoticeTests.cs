using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;
using Microsoft.AspNetCore.Builder;

namespace JitsiMesh.Hosting.Tests.Settings.Effects;

public sealed class SettingNoticeTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    /// <summary>What an untouched env.example of docker-jitsi-meet of 2020 sets, with the secrets that its gen-passwords.sh fills in.</summary>
    private static readonly (string Name, string Value)[] SeedEra =
    [
        ("JICOFO_COMPONENT_SECRET", "0123456789abcdef"), ("JICOFO_AUTH_PASSWORD", "0123456789abcdef"), ("JVB_AUTH_PASSWORD", "0123456789abcdef"),
        ("JIGASI_XMPP_PASSWORD", "0123456789abcdef"), ("JIBRI_RECORDER_PASSWORD", "0123456789abcdef"), ("JIBRI_XMPP_PASSWORD", "0123456789abcdef"),
        ("CONFIG", "~/.jitsi-meet-cfg"), ("HTTP_PORT", "8000"), ("HTTPS_PORT", "8443"), ("TZ", "Europe/Amsterdam"), ("XMPP_DOMAIN", "meet.jitsi"),
        ("XMPP_SERVER", "xmpp.meet.jitsi"), ("XMPP_BOSH_URL_BASE", "http://xmpp.meet.jitsi:5280"), ("XMPP_AUTH_DOMAIN", "auth.meet.jitsi"),
        ("XMPP_MUC_DOMAIN", "muc.meet.jitsi"), ("XMPP_INTERNAL_MUC_DOMAIN", "internal-muc.meet.jitsi"), ("XMPP_GUEST_DOMAIN", "guest.meet.jitsi"),
        ("XMPP_MODULES", ""), ("XMPP_MUC_MODULES", ""), ("XMPP_INTERNAL_MUC_MODULES", ""), ("JVB_BREWERY_MUC", "jvbbrewery"), ("JVB_AUTH_USER", "jvb"),
        ("JVB_STUN_SERVERS", "meet-jit-si-turnrelay.jitsi.net:443"), ("JVB_PORT", "10000"), ("JVB_TCP_HARVESTER_DISABLED", "true"), ("JVB_TCP_PORT", "4443"),
        ("JICOFO_AUTH_USER", "focus"), ("JIGASI_XMPP_USER", "jigasi"), ("JIGASI_BREWERY_MUC", "jigasibrewery"), ("JIGASI_PORT_MIN", "20000"), ("JIGASI_PORT_MAX", "20050"),
        ("XMPP_RECORDER_DOMAIN", "recorder.meet.jitsi"), ("JIBRI_RECORDER_USER", "recorder"), ("JIBRI_RECORDING_DIR", "/config/recordings"),
        ("JIBRI_FINALIZE_RECORDING_SCRIPT_PATH", "/config/finalize.sh"), ("JIBRI_XMPP_USER", "jibri"), ("JIBRI_BREWERY_MUC", "jibribrewery"), ("JIBRI_PENDING_TIMEOUT", "90"),
        ("JIBRI_STRIP_DOMAIN_JID", "muc"), ("JIBRI_LOGS_DIR", "/config/logs"), ("RESTART_POLICY", "unless-stopped"),
    ];

    [Fact]
    public void An_untouched_environment_of_2020_starts_and_each_line_about_it_is_said_once()
    {
        var settings = Load(SeedEra);

        foreach (var service in Services.Append("all-in-one")) RequiredSecrets.RefuseWhatIsNotActedOn(service, settings);
        Assert.Equal(settings.Notices, settings.NoticesOf("all-in-one"));
        Assert.Equal(settings.Notices.Count, Services.Sum(service => settings.NoticesOf(service).Count()));
        Assert.Equal(["JVB_STUN_SERVERS", "XMPP_RECORDER_DOMAIN"], settings.Warnings.Select(w => w.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_carries_security_and_is_not_acted_on_ends_the_start_of_its_service_with_a_line_each()
    {
        var stops = JitsiNames.All.Values.Where(e => e.Kind == EffectKind.Stops).ToList();
        Assert.True(stops.Count > 15);
        foreach (var effect in stops)
        {
            var settings = Load((effect.Name, effect.When.NamesModules ? "speakerstats, token_affiliation" : "1"));

            var refusal = Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn(effect.Service, settings));
            Assert.StartsWith($"{effect.Name}: not possible in this version: ", Assert.Single(refusal.Problems), StringComparison.Ordinal);
            Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("all-in-one", settings));
            foreach (var other in Services.Where(s => s != effect.Service)) RequiredSecrets.RefuseWhatIsNotActedOn(other, settings);
        }
    }

    [Fact]
    public void Several_such_settings_are_told_at_once_and_without_their_values()
    {
        var settings = Load(("ENABLE_AUTH", "1"), ("MATRIX_UVS_URL", "https://uvs.example.org"), ("MATRIX_UVS_AUTH_TOKEN", "a-secret-value"), ("XMPP_MUC_MODULES", "muc_allowners"));

        var refusal = Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("all-in-one", settings));
        Assert.Equal(["MATRIX_UVS_AUTH_TOKEN", "MATRIX_UVS_URL", "XMPP_MUC_MODULES"], refusal.Problems.Select(p => p.Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(refusal.Problems, p => p.Contains("a-secret-value", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("MATRIX_UVS_URL", "https://uvs.example.org")]
    public void What_only_counts_with_logins_ends_the_start_until_logins_are_plainly_off(string name, string value)
    {
        Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("auth", Load((name, value))));
        foreach (var off in new[] { "0", "false", "no" }) RequiredSecrets.RefuseWhatIsNotActedOn("auth", Load((name, value), ("ENABLE_AUTH", off)));
    }

    [Theory]
    [InlineData("XMPP_MUC_MODULES", "token_affiliation")]
    [InlineData("XMPP_MUC_MODULES", "mod_muc_wait_for_host")]
    [InlineData("XMPP_MUC_MODULES", "muc_meeting_id,muc_password_whitelist")]
    [InlineData("XMPP_MODULES", " persistent_lobby ; x")]
    [InlineData("XMPP_MODULES", "auth_http")]
    [InlineData("GLOBAL_MODULES", "firewall\\nmeasure_cpu")]
    [InlineData("XMPP_INTERNAL_MUC_MODULES", "muc_allowners")]
    [InlineData("XMPP_LOBBY_MUC_MODULES", "TOKEN_LOBBY_BYPASS")]
    [InlineData("GLOBAL_CONFIG", "allow_empty_token = false")]
    [InlineData("XMPP_MUC_CONFIGURATION", "muc_room_default_members_only = true; whitelist = {}")]
    [InlineData("XMPP_MUC_MODULES", "muc_ban_ip")]
    [InlineData("XMPP_MUC_MODULES", "token_verification")]
    [InlineData("XMPP_MODULES", "acl")]
    public void A_module_or_line_about_rights_ends_the_start(string name, string value) =>
        Assert.StartsWith(name, Assert.Single(Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("signalling", Load((name, value)))).Problems), StringComparison.Ordinal);

    [Theory]
    // AUTH_TYPE | list of modules | the ones that end the start
    [InlineData("jwt", "token_verification, mod_token_affiliation, muc_wait_for_host", "")]
    [InlineData("jwt", "token_affiliation, muc_allowners, persistent_lobby", "muc_allowners, persistent_lobby")]
    [InlineData("internal", "muc_wait_for_host", "")]
    [InlineData("internal", "token_affiliation", "token_affiliation")]
    public void With_logins_a_module_that_a_setting_stands_for_is_built_in_and_another_ends_the_start(string type, string modules, string refused)
    {
        var settings = Load(("ENABLE_AUTH", "1"), ("AUTH_TYPE", type), ("XMPP_MUC_MODULES", modules));

        if (refused.Length == 0)
        {
            RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings);
            Assert.DoesNotContain(settings.Warnings, warning => warning.StartsWith("XMPP_MUC_MODULES", StringComparison.Ordinal));
            return;
        }

        var refusal = Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings));
        Assert.EndsWith($"({refused})", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Theory]
    // ENABLE_AUTH | AUTH_TYPE | MESH_MODERATORS | WAIT_FOR_HOST_DISABLE_AUTO_OWNERS | XMPP_MUC_MODULES | the policy
    [InlineData("0", "internal", "", "0", "", ModeratorPolicy.First)]
    [InlineData("1", "internal", "", "0", "", ModeratorPolicy.Host)]
    [InlineData("1", "ldap", "", "0", "", ModeratorPolicy.Host)]
    [InlineData("1", "jwt", "", "0", "", ModeratorPolicy.First)]
    [InlineData("1", "jwt", "", "0", "token_affiliation", ModeratorPolicy.Token)]
    [InlineData("1", "internal", "", "1", "", ModeratorPolicy.Token)]
    [InlineData("1", "jwt", "nobody", "1", "token_affiliation", ModeratorPolicy.Nobody)]
    public void Who_moderates_follows_from_the_logins_where_it_is_unset(string auth, string type, string moderators, string noOwners, string modules, ModeratorPolicy policy) => Assert.Equal(
        policy,
        Load(("ENABLE_AUTH", auth), ("AUTH_TYPE", type), ("MESH_MODERATORS", moderators), ("WAIT_FOR_HOST_DISABLE_AUTO_OWNERS", noOwners), ("XMPP_MUC_MODULES", modules)).Moderators);

    [Theory]
    [InlineData("XMPP_MUC_MODULES", "muc_meeting_id,muc_lobby_rooms")]
    [InlineData("XMPP_MODULES", "speakerstats, conference_duration")]
    [InlineData("GLOBAL_CONFIG", "statistics = \"internal\"")]
    [InlineData("GLOBAL_CONFIG", "consider_websocket_secure = true; consider_bosh_secure = true; cross_domain_websocket = true; cross_domain_bosh = true")]
    [InlineData("GLOBAL_CONFIG", "c2s_require_encryption = false\\ns2s_require_encryption = false\\nallow_unencrypted_plain_auth = true")]
    [InlineData("XMPP_MODULES", "urban_dictionary,oracle")]
    public void Another_module_or_line_is_told_to_have_no_effect(string name, string value)
    {
        var settings = Load((name, value));

        RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings);
        Assert.StartsWith(name + ": no effect in this version", Assert.Single(settings.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_one_meaning_are_one_line_by_one_service()
    {
        var settings = Load(("ENABLE_RECORDING", "1"), ("JIBRI_RECORDING_DIR", "/r"), ("JIBRI_BREWERY_MUC", "x"), ("ENABLE_LETSENCRYPT", "1"), ("LETSENCRYPT_DOMAIN", "meet.example.org"));

        Assert.Equal(2, settings.Notices.Count);
        Assert.Contains(settings.NoticesOf("edge-proxy"), n => n.Text == "ENABLE_RECORDING, JIBRI_BREWERY_MUC, JIBRI_RECORDING_DIR: no effect in this version: nothing is recorded or streamed");
        Assert.Contains(settings.NoticesOf("edge-proxy"), n => n.Text.StartsWith("ENABLE_LETSENCRYPT, LETSENCRYPT_DOMAIN: no effect in this version: no certificate is asked for", StringComparison.Ordinal));
        Assert.Empty(settings.NoticesOf("signalling"));
    }

    [Fact]
    public void Breakout_rooms_are_only_spoken_of_when_they_are_asked_for()
    {
        Assert.Empty(Load().Notices);
        Assert.Empty(Load(("ENABLE_BREAKOUT_ROOMS", "0")).Notices);
        Assert.Contains("there are no breakout rooms", Assert.Single(Load(("ENABLE_BREAKOUT_ROOMS", "1")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_of_a_service_does_not_get_past_such_a_setting()
    {
        var builder = MeshHost.CreateBuilder([]);

        Assert.Throws<SettingsException>(() => builder.AddMeshDefaults("signalling", Load(("PROSODY_RESERVATION_ENABLED", "1"))));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("0", null, false)]
    [InlineData("0", "jwt", false)]
    [InlineData("1", "internal", true)]
    [InlineData("1", "jwt", false)]
    public void Tokens_that_are_set_up_and_that_nobody_looks_at_are_told(string? enabled, string? type, bool told)
    {
        var settings = MeshSettings.From([new("ENABLE_AUTH", enabled), new("AUTH_TYPE", type), new("JWT_APP_ID", "app"), new("JWT_APP_SECRET", "a-secret-value")]);

        Assert.Equal(told ? 1 : 0, settings.NoticesOf("auth").Count(n => n.Level == NoticeLevel.Warning && n.Text.StartsWith("JWT_APP_ID, JWT_APP_SECRET: no effect: tokens", StringComparison.Ordinal)));
    }

    private static MeshSettings Load(params (string Name, string Value)[] values) =>
        MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));
}
