using System.Text.Json.Nodes;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

/// <summary>The keys and values of config.js against those of Jitsi's web container (docker-jitsi-meet, system-config.js and settings-config.js).</summary>
public sealed class ConfigScriptTests
{
    private const string Defaults = """
        {
          "hosts": { "domain": "meet.jitsi", "muc": "muc.meet.jitsi" },
          "bosh": "https://localhost:8443/http-bind",
          "websocket": "wss://localhost:8443/xmpp-websocket",
          "bridgeChannel": { "preferSctp": true },
          "resolution": 720,
          "constraints": { "video": { "height": { "ideal": 720, "max": 720, "min": 180 }, "width": { "ideal": 1280, "max": 1280, "min": 320 } } },
          "startVideoMuted": 10, "startWithVideoMuted": false,
          "flags": { "sourceNameSignaling": true, "sendMultipleVideoStreams": true, "receiveMultipleVideoStreams": true },
          "enableNoAudioDetection": true, "enableTalkWhileMuted": false, "disableAP": false, "disableAGC": false,
          "audioQuality": { "stereo": false },
          "startAudioOnly": false, "startAudioMuted": 10, "startWithAudioMuted": false, "startSilent": false, "enableOpusRed": false,
          "disableAudioLevels": false, "enableNoisyMicDetection": true, "enableIceRestart": false, "enableIceRestartOnNetworkChange": false,
          "p2p": { "enabled": true, "codecPreferenceOrder": ["AV1", "VP9", "VP8", "H264"], "mobileCodecPreferenceOrder": ["VP8", "VP9", "H264", "AV1"] },
          "hideAddRoomButton": false,
          "localRecording": { "disable": false, "notifyAllParticipants": false, "disableSelfRecording": false },
          "analytics": {},
          "enableCalendarIntegration": false,
          "prejoinConfig": { "enabled": true, "hideDisplayName": false },
          "welcomePage": { "disabled": false },
          "enableClosePage": false, "requireDisplayName": false, "disableProfile": false, "roomPasswordNumberOfDigits": false,
          "transcription": { "enabled": false, "disableClosedCaptions": true, "translationLanguages": [], "translationLanguagesHead": ["en"], "useAppLanguage": true,
            "preferredLanguage": "en-US", "disableStartForAll": false, "autoCaptionOnRecord": false },
          "audioTranslation": { "enabled": false },
          "deploymentInfo": {},
          "disableDeepLinking": false,
          "videoQuality": { "codecPreferenceOrder": ["AV1", "VP9", "VP8", "H264"], "mobileCodecPreferenceOrder": ["VP8", "VP9", "H264", "AV1"], "enableAdaptiveMode": true,
            "av1": {}, "h264": {}, "vp8": {}, "vp9": {} },
          "disableReactions": false, "disablePolls": false,
          "remoteVideoMenu": { "disabled": false, "disableKick": false, "disableGrantModerator": false, "disablePrivateChat": false },
          "e2eping": { "enabled": false },
          "virtualBackground": { "enableV2": true },
          "whiteboard": { "enabled": false },
          "testing": { "enableCodecSelectionAPI": true }
        }
        """;

    [Fact]
    public void Build_Defaults_EqualsJitsisKeyByKey()
    {
        var built = Build();

        foreach (var (key, value) in JsonNode.Parse(Defaults)!.AsObject())
        {
            Assert.True(JsonNode.DeepEquals(value, built[key]), $"{key}: {built[key]?.ToJsonString()} instead of {value?.ToJsonString()}");
        }

        Assert.Equal(JsonNode.Parse(Defaults)!.AsObject().Select(p => p.Key).Order(), built.Select(p => p.Key).Order());
    }

    [Theory]
    [InlineData("acme", "muc.acme.meet.jitsi", "wss://localhost:8443/acme/xmpp-websocket")]
    [InlineData("Acme.Corp", "muc.acme_corp.meet.jitsi", "wss://localhost:8443/Acme.Corp/xmpp-websocket")]
    [InlineData("B\u00FCro", "muc.b\u00FCro.meet.jitsi", "wss://localhost:8443/B%C3%BCro/xmpp-websocket")]
    public void Build_Tenant_IsInRoomsDomainAndUrls(string tenant, string muc, string websocket)
    {
        Assert.True(TenantName.TryLabel(tenant, Settings(), out var label));
        var built = ConfigScript.Build(Settings(), "https://localhost:8443", tenant, label);

        Assert.Equal(muc, (string?)built["hosts"]!["muc"]);
        Assert.Equal(websocket, (string?)built["websocket"]);
    }

    [Theory]
    [InlineData("ENABLE_SIMULCAST", "0", "disableSimulcast", "true")]
    [InlineData("ENABLE_TCC", "0", "enableTcc", "false")]
    [InlineData("ENABLE_REMB", "0", "enableRemb", "false")]
    [InlineData("ENABLE_P2P", "0", "p2p.enabled", "false")]
    [InlineData("P2P_STUN_SERVERS", "a:1, b:2", "p2p.stunServers", """[{"urls":"stun:a:1"},{"urls":"stun:b:2"}]""")]
    [InlineData("CODEC_ORDER_P2P", """["VP8"]""", "p2p.codecPreferenceOrder", """["VP8"]""")]
    [InlineData("RESOLUTION", "1080", "constraints.video.height.max", "1080")]
    [InlineData("TOOLBAR_BUTTONS", "camera,chat", "toolbarButtons", """["camera","chat"]""")]
    [InlineData("TRANSLATION_LANGUAGES_HEAD", "['en','de']", "transcription.translationLanguagesHead", """["en","de"]""")]
    [InlineData("VIDEOQUALITY_BITRATE_VP9_SS_HIGH", "2500000", "videoQuality.vp9.ssHigh", "2500000")]
    [InlineData("XMPP_MUC_DOMAIN", "conference.meet.jitsi", "hosts.muc", "\"conference.meet.jitsi\"")]
    [InlineData("ENABLE_LOCAL_RECORDING_SELF_START", "0", "localRecording.disableSelfRecording", "true")]
    [InlineData("PEOPLE_SEARCH_URL", "https://x", "peopleSearchQueryTypes", """["user","conferenceRooms"]""")]
    [InlineData("PEOPLE_SEARCH_URL", "https://x", "peopleSearchUrl", "\"https://x\"")]
    [InlineData("MESH_DIRECTORY", "1", "peopleSearchQueryTypes", """["user","conferenceRooms"]""")]
    [InlineData("INVITE_SERVICE_URL", "https://x/invite", "inviteServiceUrl", "\"https://x/invite\"")]
    [InlineData("DEPLOYMENTINFO_REGION", "eu", "deploymentInfo.region", "\"eu\"")]
    public void Build_OneVariable_ChangesItsKey(string name, string value, string path, string expected)
    {
        JsonNode? node = Build((name, value));
        foreach (var part in path.Split('.')) node = node?[part];

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), node), $"{path}: {node?.ToJsonString()} instead of {expected}");
    }

    [Fact]
    public void Build_OwnDirectory_IsSearchedAtThisServerUnlessASettingSaysWhere()
    {
        Assert.Null(Build()["peopleSearchUrl"]);
        Assert.EndsWith("/people-search", (string?)Build(("MESH_DIRECTORY", "1"))["peopleSearchUrl"], StringComparison.Ordinal);
        Assert.Equal("https://x", (string?)Build(("MESH_DIRECTORY", "1"), ("PEOPLE_SEARCH_URL", "https://x"))["peopleSearchUrl"]);
    }

    [Theory]
    // ENABLE_AUTH | ENABLE_GUESTS | ENABLE_AUTH_DOMAIN | hosts.anonymousdomain | hosts.authdomain
    [InlineData("0", "1", "1", null, null)]
    [InlineData("1", "0", "1", null, "meet.jitsi")]
    [InlineData("1", "1", "1", "guest.meet.jitsi", "meet.jitsi")]
    [InlineData("1", "1", "0", "guest.meet.jitsi", null)]
    public void Build_Logins_NameTheDomainsOfGuestsAndOfPeople(string auth, string guests, string domain, string? anonymous, string? people)
    {
        var hosts = Build(("ENABLE_AUTH", auth), ("ENABLE_GUESTS", guests), ("ENABLE_AUTH_DOMAIN", domain), ("TOKEN_AUTH_URL", "https://login.example/{room}"))["hosts"]!;

        Assert.Equal((anonymous, people), ((string?)hosts["anonymousdomain"], (string?)hosts["authdomain"]));
        Assert.Equal("https://login.example/{room}", (string?)Build(("TOKEN_AUTH_URL", "https://login.example/{room}"))["tokenAuthUrl"]);
    }

    [Theory]
    // ENABLE_AUTH | AUTH_TYPE | TOKEN_AUTH_URL | tenant | tokenAuthUrl | tokenLogoutUrl
    [InlineData("1", "oidc", "", "", "https://localhost:8443/oidc/login?state={state}&room={room}", "https://localhost:8443/oidc/logout")]
    [InlineData("1", "oidc", "", "Acme.Corp", "https://localhost:8443/oidc/login?tenant=Acme.Corp&state={state}&room={room}", "https://localhost:8443/oidc/logout")]
    [InlineData("1", "oidc", "https://login.example/{room}", "", "https://login.example/{room}", null)]
    [InlineData("1", "jwt", "", "", null, null)]
    [InlineData("0", "oidc", "", "", null, null)]
    public void Build_LoginsByAProvider_NameAuthsPageUnlessAnotherIsSet(string auth, string type, string page, string tenant, string? login, string? logout)
    {
        var built = ConfigScript.Build(Settings(("ENABLE_AUTH", auth), ("AUTH_TYPE", type), ("TOKEN_AUTH_URL", page)), "https://localhost:8443", tenant, tenant.Replace('.', '_').ToLowerInvariant());

        Assert.Equal((login, logout), ((string?)built["tokenAuthUrl"], (string?)built["tokenLogoutUrl"]));
        Assert.Equal(logout is not null, (bool?)built["tokenAuthUrlAutoRedirect"] == true);
    }

    [Theory]
    [InlineData("ENABLE_RECORDING")]
    [InlineData("ENABLE_TRANSCRIPTIONS")]
    public void Build_WhatNoServiceDoes_IsNotToldToClients(string name) =>
        Assert.True(JsonNode.DeepEquals(Build(), Build((name, "1"))), Build((name, "1")).ToJsonString());

    [Theory]
    // ENABLE_XMPP_WEBSOCKET | BOSH_RELATIVE | the page's server | tenant | bosh | websocket
    [InlineData("1", "0", "https://meet.example", "", "https://meet.example/http-bind", "wss://meet.example/xmpp-websocket")]
    [InlineData("1", "0", "https://meet.example:8443/meet", "Acme.Corp", "https://meet.example:8443/meet/Acme.Corp/http-bind", "wss://meet.example:8443/meet/Acme.Corp/xmpp-websocket")]
    [InlineData("1", "1", "https://meet.example", "", "/http-bind", "wss://meet.example/xmpp-websocket")]
    [InlineData("1", "1", "https://meet.example/meet", "acme", "/meet/acme/http-bind", "wss://meet.example/meet/acme/xmpp-websocket")]
    [InlineData("0", "0", "https://meet.example", "", "https://meet.example/http-bind", null)]
    [InlineData("0", "1", "http://localhost:8000", "", "/http-bind", null)]
    public void Build_Signalling_IsNamedAsTheSettingsSay(string sockets, string relative, string server, string tenant, string bosh, string? websocket)
    {
        var built = ConfigScript.Build(Settings(("ENABLE_XMPP_WEBSOCKET", sockets), ("BOSH_RELATIVE", relative)), server, tenant, tenant.Replace('.', '_').ToLowerInvariant());

        Assert.Equal((bosh, websocket), ((string?)built["bosh"], (string?)built["websocket"]));
    }

    [Theory]
    [InlineData("CSP_HEADER", "default-src\nX-Evil: 1")]
    [InlineData("CORS_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN", "https://b\u00FCro.example")]
    [InlineData("DEPLOYMENTINFO_SHARD", "a\u0001b")]
    public async Task AddEdgeProxy_ValueThatCannotBeAHeader_NamesTheSetting(string name, string value)
    {
        var refusal = await Assert.ThrowsAsync<SettingsException>(() => Kit.RunningEdge.StartAsync(null, (name, value)));
        Assert.StartsWith(name + ": ", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void From_NonsenseInAJsonVariable_StopsTheService()
    {
        var refusal = Assert.Throws<SettingsException>(() => Build(("CODEC_ORDER_JVB", "[AV1")));

        Assert.Equal("CODEC_ORDER_JVB: '[AV1' is not a JSON value (default [\"AV1\", \"VP9\", \"VP8\", \"H264\"])", Assert.Single(refusal.Problems));
    }

    private static JsonObject Build(params (string Name, string Value)[] values) => ConfigScript.Build(Settings(values), "https://localhost:8443", "", "");

    private static MeshSettings Settings(params (string Name, string Value)[] values) => MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));
}
