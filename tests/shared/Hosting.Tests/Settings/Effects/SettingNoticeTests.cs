using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;
using Microsoft.AspNetCore.Builder;

namespace JitsiMesh.Hosting.Tests.Settings.Effects;

public sealed class SettingNoticeTests
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    [Fact]
    public void What_carries_security_and_is_not_acted_on_ends_the_start_of_its_service_with_a_line_each()
    {
        var stops = JitsiNames.All.Values.Where(e => e.Kind == EffectKind.Stops).ToList();
        Assert.True(stops.Count >= 12);
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
        var settings = Load(("ENABLE_AUTH", "1"), ("MATRIX_UVS_URL", "https://uvs.example.org"), ("MATRIX_UVS_AUTH_TOKEN", "a-secret-value"), ("XMPP_MUC_MODULES", "muc_ban_ip"));

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
    [InlineData("MATRIX_UVS_ISSUER", "issuer")]
    [InlineData("MATRIX_UVS_SYNC_POWER_LEVELS", "0")]
    public void What_says_no_more_than_the_default_ends_no_start(string name, string value) => RequiredSecrets.RefuseWhatIsNotActedOn("all-in-one", Load((name, value)));

    [Theory]
    [InlineData("XMPP_MUC_MODULES", "token_affiliation")]
    [InlineData("XMPP_MUC_MODULES", "mod_muc_wait_for_host")]
    [InlineData("XMPP_MUC_MODULES", "muc_meeting_id,muc_password_whitelist")]
    [InlineData("XMPP_MODULES", " persistent_lobby ; x")]
    [InlineData("XMPP_MODULES", "auth_http")]
    [InlineData("GLOBAL_MODULES", "firewall\\nmeasure_cpu")]
    [InlineData("XMPP_INTERNAL_MUC_MODULES", "muc_allowners")]
    [InlineData("XMPP_LOBBY_MUC_MODULES", "TOKEN_LOBBY_BYPASS")]
    [InlineData("GLOBAL_CONFIG", "muc_access_whitelist = { \"a.example\" }")]
    [InlineData("GLOBAL_CONFIG", "app_id = \"a\";\\nallow_registration = true")]
    [InlineData("XMPP_MUC_CONFIGURATION", "muc_room_default_members_only = true; whitelist = {}")]
    [InlineData("XMPP_MUC_MODULES", "muc_ban_ip")]
    [InlineData("XMPP_MUC_MODULES", "token_verification")]
    [InlineData("XMPP_MODULES", "acl")]
    public void A_module_or_line_about_rights_ends_the_start(string name, string value) =>
        Assert.StartsWith(name, Assert.Single(Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("signalling", Load((name, value)))).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_setting_of_its_own_wins_over_a_line() =>
        Assert.Equal("own", Load(("JWT_APP_ID", "own"), ("GLOBAL_CONFIG", "app_id = \"other\""), ("ENABLE_AUTH", "0")).Get(KnownSettings.JwtAppId));

    [Theory]
    // The name | its lines | a setting | its value
    [InlineData("GLOBAL_CONFIG", "app_id = \"my_app\";\\napp_secret = 'a-secret-of-tokens';", "JWT_APP_SECRET", "***")]
    [InlineData("GLOBAL_CONFIG", "asap_accepted_issuers = { \"one\", \"two\" }", "JWT_ACCEPTED_ISSUERS", "one,two")]
    [InlineData("GLOBAL_CONFIG", "asap_accepted_audiences = {\\n  'a';\\n  'b';\\n}", "JWT_ACCEPTED_AUDIENCES", "a,b")]
    [InlineData("XMPP_CONFIGURATION", "allow_empty_token = false,enable_domain_verification = true", "JWT_ENABLE_DOMAIN_VERIFICATION", "true")]
    [InlineData("XMPP_MUC_CONFIGURATION", "muc_max_occupants = 7", "MAX_PARTICIPANTS", "7")]
    [InlineData("GLOBAL_CONFIG", "external_service_secret = \"of-turn-servers\"", "TURN_CREDENTIALS", "***")]
    public void A_line_for_which_there_is_a_setting_counts_as_that_one(string name, string lines, string setting, string value)
    {
        var settings = Load((name, lines), ("ENABLE_AUTH", "0"));

        RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings);
        Assert.Empty(settings.Warnings);
        var effective = JitsiMesh.Hosting.Settings.Commands.EffectiveValues.Of(settings, KnownSettings.All[setting]);
        Assert.Equal((value, $"derived from {name}"), (effective.Text, effective.Origin.ToString()));
        Assert.DoesNotContain("a-secret-of-tokens", string.Join(' ', settings.Describe().Values), StringComparison.Ordinal);
    }

    [Theory]
    // AUTH_TYPE | list of modules | the ones that end the start
    [InlineData("jwt", "token_verification, mod_token_affiliation, muc_wait_for_host", "")]
    [InlineData("jwt", "token_affiliation, muc_ban_ip, muc_allowners", "muc_ban_ip")]
    [InlineData("internal", "muc_wait_for_host, persistent_lobby, muc_size", "")]
    [InlineData("internal", "reservations, muc_auth_ban, muc_kick_participant", "reservations, muc_auth_ban")]
    [InlineData("internal", "muc_kick_participant, muc_end_meeting, system_chat_message", "")]
    [InlineData("oidc", "token_verification, token_affiliation", "")]
    [InlineData("hybrid", "token_verification", "")]
    [InlineData("internal", "muc_wait_for_host", "")]
    [InlineData("internal", "token_affiliation", "token_affiliation")]
    public void With_logins_a_module_that_a_setting_stands_for_is_built_in_and_another_ends_the_start(string type, string modules, string refused)
    {
        var settings = Load(("ENABLE_AUTH", "1"), ("AUTH_TYPE", type), ("XMPP_MUC_MODULES", modules));

        if (refused.Length == 0)
        {
            RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings);
            Assert.DoesNotContain(settings.Warnings, warning => warning.Contains("XMPP_MUC_MODULES", StringComparison.Ordinal));
            return;
        }

        var refusal = Assert.Throws<SettingsException>(() => RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings));
        Assert.EndsWith($"({refused})", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reservations", "PROSODY_RESERVATION_ENABLED", "1")]
    [InlineData("mod_reservations", "JICOFO_RESERVATION_ENABLED", "true")]
    [InlineData("muc_auth_ban", "MESH_ACCESS_MANAGER_URL", "https://access.example.org")]
    [InlineData("muc_kick_participant", "MESH_SYSTEM_TOKEN_SECRET", "a-secret-value")]
    [InlineData("muc_end_meeting, system_chat_message", "MESH_SYSTEM_TOKEN_KEYSERVER", "https://keys.example.org")]
    public void A_module_of_operators_own_systems_is_built_in_where_its_setting_is_set(string modules, string name, string value)
    {
        var settings = Load(("XMPP_MODULES", modules), (name, value));

        RequiredSecrets.RefuseWhatIsNotActedOn("signalling", settings);
        Assert.DoesNotContain(settings.Warnings, warning => warning.Contains("XMPP_MODULES", StringComparison.Ordinal));
    }

    [Theory]
    // XMPP_MUC_MODULES | MESH_ROOM_SIZE | ENABLE_LOBBY | who may ask for sizes, whether lobbies persist, whether one waits in them
    [InlineData("", "", "1", RoomSizeAccess.Off, false, false)]
    [InlineData("muc_size", "", "1", RoomSizeAccess.Open, false, false)]
    [InlineData("muc_size", "token", "1", RoomSizeAccess.Token, false, false)]
    [InlineData("persistent_lobby", "", "1", RoomSizeAccess.Off, true, false)]
    [InlineData("muc_wait_for_host", "", "1", RoomSizeAccess.Off, false, false)]
    [InlineData("muc_wait_for_host,persistent_lobby", "", "1", RoomSizeAccess.Off, true, true)]
    [InlineData("muc_wait_for_host,persistent_lobby", "", "0", RoomSizeAccess.Off, false, false)]
    public void What_modules_mean_where_their_settings_are_unset(string modules, string size, string lobby, RoomSizeAccess access, bool persistent, bool waits)
    {
        var settings = Load(("ENABLE_AUTH", "1"), ("XMPP_MUC_MODULES", modules), ("MESH_ROOM_SIZE", size), ("ENABLE_LOBBY", lobby));

        Assert.Equal((access, persistent, waits), (settings.RoomSize, settings.PersistentLobby, settings.WaitForHostInLobby));
    }

    [Theory]
    // PROSODY_RESERVATION_ENABLED | JICOFO_RESERVATION_ENABLED | reservations
    [InlineData("1", "", true)]
    [InlineData("", "1", true)]
    [InlineData("0", "1", false)]
    [InlineData("", "", false)]
    public void The_older_name_of_a_reservation_counts_where_todays_is_unset(string today, string older, bool on)
    {
        var settings = Load(("PROSODY_RESERVATION_ENABLED", today), ("JICOFO_RESERVATION_ENABLED", older), ("JICOFO_RESERVATION_REST_BASE_URL", "https://reservations.example.org"));

        Assert.Equal((on, "https://reservations.example.org/"), (settings.Reservations, settings.ReservationUrl!.AbsoluteUri));
    }

    [Theory]
    // ENABLE_AUTH | AUTH_TYPE | MESH_MODERATORS | WAIT_FOR_HOST_DISABLE_AUTO_OWNERS | XMPP_MUC_MODULES | the policy
    [InlineData("0", "internal", "", "0", "", ModeratorPolicy.First)]
    [InlineData("1", "internal", "", "0", "", ModeratorPolicy.Host)]
    [InlineData("1", "ldap", "", "0", "", ModeratorPolicy.Host)]
    [InlineData("1", "oidc", "", "0", "", ModeratorPolicy.Host)]
    [InlineData("1", "hybrid", "", "0", "", ModeratorPolicy.First)]
    [InlineData("1", "jwt", "", "0", "", ModeratorPolicy.First)]
    [InlineData("1", "jwt", "", "0", "token_affiliation", ModeratorPolicy.Token)]
    [InlineData("1", "internal", "", "1", "", ModeratorPolicy.Token)]
    [InlineData("1", "jwt", "nobody", "1", "token_affiliation", ModeratorPolicy.Nobody)]
    [InlineData("0", "internal", "", "0", "muc_allowners", ModeratorPolicy.All)]
    [InlineData("1", "jwt", "", "0", "muc_allowners,token_affiliation", ModeratorPolicy.Token)]
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
        Assert.Equal($"settings with no effect in this version: {name} (no modules of Prosody are run, and none of its configuration is read)", Assert.Single(settings.Warnings));
    }

    [Fact]
    public void All_that_has_no_effect_or_another_name_today_is_one_warning_by_one_service()
    {
        var settings = Load(("ENABLE_RECORDING", "1"), ("JIBRI_RECORDING_DIR", "/r"), ("ENABLE_LIPSYNC", "1"), ("SENTRY_DSN", "https://k@sentry.example/1"), ("XMPP_RECORDER_DOMAIN", "recorder.meet.jitsi"));

        var notice = Assert.Single(settings.Notices);
        Assert.Equal(("edge-proxy", NoticeLevel.Warning), (notice.Service, notice.Level));
        Assert.Equal("settings with no effect in this version: ENABLE_LIPSYNC (it has no successor: clients have no such option any more); "
            + "ENABLE_RECORDING, JIBRI_RECORDING_DIR (takes effect with recording and streaming, of which this version has none); SENTRY_DSN (errors are reported to no Sentry); "
            + "older names, still honoured: today XMPP_RECORDER_DOMAIN is XMPP_HIDDEN_DOMAIN", notice.Text);
    }

    [Fact]
    public void All_that_is_not_needed_is_one_line_by_one_service()
    {
        var notice = Assert.Single(Load(("NGINX_RESOLVER", "127.0.0.11"), ("GC_TYPE", "incremental"), ("GC_INC_TH", "400")).Notices);

        Assert.Equal(("edge-proxy", NoticeLevel.Information), (notice.Service, notice.Level));
        Assert.Equal("settings that are not needed: GC_INC_TH, GC_TYPE (there is no Lua whose garbage collector it could tune); NGINX_RESOLVER (there is no nginx)", notice.Text);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Breakout_rooms_take_effect_as_they_are_set(string value) => Assert.Empty(Load(("ENABLE_BREAKOUT_ROOMS", value)).Notices);

    [Fact]
    public void The_host_of_a_service_does_not_get_past_such_a_setting()
    {
        var builder = MeshHost.CreateBuilder([]);

        Assert.Throws<SettingsException>(() => builder.AddMeshDefaults("signalling", Load(("PROSODY_ENABLE_FILTER_MESSAGES", "1"))));
    }

    [Theory]
    [InlineData("0", "oidc", true)]
    [InlineData("1", "jwt", true)]
    [InlineData("1", "oidc", false)]
    public void A_provider_by_which_nobody_logs_in_is_told(string enabled, string type, bool told)
    {
        var settings = MeshSettings.From([new("ENABLE_AUTH", enabled), new("AUTH_TYPE", type), new("MESH_OIDC_ISSUER", "https://login.example.com")]);

        Assert.Equal(told, settings.NoticesOf("auth").Any(n => n.Text.StartsWith("MESH_OIDC_ISSUER: no effect", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("0", null, false)]
    [InlineData("0", "jwt", false)]
    [InlineData("1", "internal", true)]
    [InlineData("1", "jwt", false)]
    [InlineData("1", "oidc", false)]
    [InlineData("1", "hybrid", false)]
    public void Tokens_that_are_set_up_and_that_nobody_looks_at_are_told(string? enabled, string? type, bool told)
    {
        var settings = MeshSettings.From([new("ENABLE_AUTH", enabled), new("AUTH_TYPE", type), new("JWT_APP_ID", "app"), new("JWT_APP_SECRET", "a-secret-value")]);

        Assert.Equal(told ? 1 : 0, settings.NoticesOf("auth").Count(n => n.Level == NoticeLevel.Warning && n.Text.StartsWith("JWT_APP_ID, JWT_APP_SECRET: no effect: tokens", StringComparison.Ordinal)));
    }

    private static MeshSettings Load(params (string Name, string Value)[] values) =>
        MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));
}
