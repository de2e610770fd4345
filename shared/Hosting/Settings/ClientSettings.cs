using System.Text.Json.Nodes;
using static JitsiMesh.Hosting.Settings.ClientSettingRule;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The variables that become keys of config.js, one declaration each, in the order and with the names of Jitsi's web container.</summary>
public static class ClientSettings
{
    public static readonly IReadOnlyList<ClientSetting> All =
    [
        // Video
        Number("RESOLUTION", 720, Always, "resolution", "Ideal and highest height that is sent"),
        Number("RESOLUTION_MIN", 180, Elsewhere, "", "Lowest height"),
        Number("RESOLUTION_WIDTH", 1280, Elsewhere, "", "Ideal and highest width"),
        Number("RESOLUTION_WIDTH_MIN", 320, Elsewhere, "", "Lowest width"),
        Inverted("ENABLE_SIMULCAST", true, WhenChanged, "disableSimulcast", "Send several resolutions at once"),
        Number("START_VIDEO_MUTED", 10, Always, "startVideoMuted", "From this participant on, video starts muted"),
        Switch("START_WITH_VIDEO_MUTED", false, Always, "startWithVideoMuted", "Own video starts muted"),
        Switch("DESKTOP_SHARING_FRAMERATE_AUTO", true, Elsewhere, "", "0 lets the two following count"),
        Number("DESKTOP_SHARING_FRAMERATE_MIN", 5, Elsewhere, "", "Lowest frame rate of a shared screen"),
        Number("DESKTOP_SHARING_FRAMERATE_MAX", 5, Elsewhere, "", "Highest frame rate of a shared screen"),

        // Audio
        Switch("ENABLE_NO_AUDIO_DETECTION", true, Always, "enableNoAudioDetection", "Warn about a silent microphone"),
        Switch("ENABLE_TALK_WHILE_MUTED", false, Always, "enableTalkWhileMuted", "Warn when one speaks muted"),
        Inverted("ENABLE_AUDIO_PROCESSING", true, Always, "disableAP", "Audio processing"),
        Inverted("ENABLE_AUTOMATIC_GAIN_CONTROL", true, Always, "disableAGC", "Automatic gain control"),
        Switch("ENABLE_STEREO", false, Always, "audioQuality.stereo", "Stereo"),
        Text("AUDIO_QUALITY_OPUS_BITRATE", "audioQuality.opusMaxAverageBitrate", "Highest bit rate of Opus"),
        Switch("START_AUDIO_ONLY", false, Always, "startAudioOnly", "Join without video"),
        Number("START_AUDIO_MUTED", 10, Always, "startAudioMuted", "From this participant on, audio starts muted"),
        Switch("START_WITH_AUDIO_MUTED", false, Always, "startWithAudioMuted", "Own audio starts muted"),
        Switch("START_SILENT", false, Always, "startSilent", "Join without audio in or out"),
        Switch("ENABLE_OPUS_RED", false, Always, "enableOpusRed", "Redundant audio"),
        Switch("DISABLE_AUDIO_LEVELS", false, Always, "disableAudioLevels", "No level meters"),
        Switch("ENABLE_NOISY_MIC_DETECTION", true, Always, "enableNoisyMicDetection", "Warn about a noisy microphone"),

        // Connection
        Switch("ENABLE_ICE_RESTART", false, Always, "enableIceRestart", "Restart ICE after a failure"),
        Switch("ENABLE_ICE_RESTART_ON_NETWORK_CHANGE", false, Always, "enableIceRestartOnNetworkChange", "Restart ICE when the network changes"),
        Switch("ENABLE_P2P", true, Always, "p2p.enabled", "Direct media between two people"),
        Json("CODEC_ORDER_P2P", """["AV1", "VP9", "VP8", "H264"]""", Always, "p2p.codecPreferenceOrder", "Order of codecs in direct calls"),
        Json("CODEC_ORDER_P2P_MOBILE", """["VP8", "VP9", "H264", "AV1"]""", Always, "p2p.mobileCodecPreferenceOrder", "The same on phones"),
        Servers("P2P_STUN_SERVERS", "p2p.stunServers", "STUN servers of direct calls"),
        Text("P2P_PREFERRED_CODEC", "p2p.preferredCodec", "Preferred codec of direct calls"),
        Switch("JVB_PREFER_SCTP", true, Always, "bridgeChannel.preferSctp", "Data channel rather than a WebSocket to the bridge"),
        Switch("BOSH_RELATIVE", false, Elsewhere, "", "config.js names BOSH without a host"),
        Switch("ENABLE_SUBDOMAINS", true, Elsewhere, "", "Tenants in the path"),
        Switch("ENABLE_AUTH_DOMAIN", true, Elsewhere, "", "Name hosts.authdomain when logins are on"),

        // Rooms and services
        Inverted("ENABLE_BREAKOUT_ROOMS", true, Always, "hideAddRoomButton", "Moderators may divide a meeting into breakout rooms", "signalling, edge-proxy"),
        Text("ETHERPAD_PUBLIC_URL", "etherpad_base", "Public address of the shared document, with /p/"),
        Switch("ENABLE_RECORDING", false, Elsewhere, "", "Recording and streaming").TakesEffectWith("recording and streaming", "on"),
        Switch("ENABLE_TRANSCRIPTIONS", false, Elsewhere, "", "Captions").TakesEffectWith("transcription", "on"),
        Switch("ENABLE_SERVICE_RECORDING", false, Elsewhere, "", "Recording to a file; ENABLE_RECORDING when unset").TakesEffectWith("recording and streaming", "on"),
        Switch("ENABLE_FILE_RECORDING_SHARING", false, Elsewhere, "", "Offer to share the file").TakesEffectWith("recording and streaming", "on"),
        Switch("ENABLE_LIVESTREAMING", false, Elsewhere, "", "Streaming").TakesEffectWith("recording and streaming", "on"),
        Part("ENABLE_LIVESTREAMING_DATA_PRIVACY_LINK", "https://policies.google.com/privacy", "Its privacy link").TakesEffectWith("recording and streaming", "set given ENABLE_LIVESTREAMING"),
        Part("ENABLE_LIVESTREAMING_HELP_LINK", "https://jitsi.org/live", "Its help link").TakesEffectWith("recording and streaming", "set given ENABLE_LIVESTREAMING"),
        Part("ENABLE_LIVESTREAMING_TERMS_LINK", "https://www.youtube.com/t/terms", "Its terms").TakesEffectWith("recording and streaming", "set given ENABLE_LIVESTREAMING"),
        Part("ENABLE_LIVESTREAMING_VALIDATOR_REGEXP_STRING", "^(?:[a-zA-Z0-9]{4}(?:-(?!$)|$)){4}", "Shape of a stream key").TakesEffectWith("recording and streaming", "set given ENABLE_LIVESTREAMING"),
        Part("DROPBOX_APPKEY", "", "Save recordings to Dropbox").TakesEffectWith("recording and streaming", "set"),
        Part("DROPBOX_REDIRECT_URI", "", "Where Dropbox comes back to").TakesEffectWith("recording and streaming", "set"),
        Switch("DISABLE_LOCAL_RECORDING", false, Always, "localRecording.disable", "No recording in the browser"),
        Switch("ENABLE_LOCAL_RECORDING_NOTIFY_ALL_PARTICIPANT", false, Always, "localRecording.notifyAllParticipants", "Tell everybody"),
        Switch("ENABLE_LOCAL_RECORDING_SELF_START", false, Elsewhere, "", "0 takes recording of oneself away"),

        // Analytics
        Text("AMPLITUDE_ID", "analytics.amplitudeAPPKey", "Amplitude's key"),
        Text("GOOGLE_ANALYTICS_ID", "analytics.googleAnalyticsTrackingId", "Google Analytics' id"),
        Text("MATOMO_ENDPOINT", "analytics.matomoEndpoint", "Matomo's address"),
        Text("MATOMO_SITE_ID", "analytics.matomoSiteID", "Matomo's site"),
        List("ANALYTICS_SCRIPT_URLS", "analytics.scriptURLs", "Handler scripts"),
        List("ANALYTICS_WHITELISTED_EVENTS", "analytics.whiteListedEvents", "Events let through"),

        // Dial-in, calendar, people
        Text("CONFCODE_URL", "dialInConfCodeUrl", "Service that maps rooms to codes"),
        Text("DIALIN_NUMBERS_URL", "dialInNumbersUrl", "List of dial-in numbers"),
        Text("DIALOUT_AUTH_URL", "dialOutAuthUrl", "Who may dial out"),
        Text("DIALOUT_CODES_URL", "dialOutCodesUrl", "Country codes"),
        Switch("ENABLE_CALENDAR", false, Always, "enableCalendarIntegration", "Calendars"),
        Text("GOOGLE_API_APP_CLIENT_ID", "googleApiApplicationClientID", "Client id for Google"),
        Text("MICROSOFT_API_APP_CLIENT_ID", "microsoftApiApplicationClientID", "Client id for Microsoft"),
        Text("INVITE_SERVICE_URL", "inviteServiceUrl", "Invite people of the directory"),
        Text("PEOPLE_SEARCH_URL", "peopleSearchUrl", "Search the directory"),

        // Pages
        Switch("ENABLE_PREJOIN_PAGE", true, Always, "prejoinConfig.enabled", "Look at one's devices before joining"),
        Switch("HIDE_PREJOIN_DISPLAY_NAME", false, Always, "prejoinConfig.hideDisplayName", "No name field there"),
        List("HIDE_PREJOIN_EXTRA_BUTTONS", "prejoinConfig.hideExtraJoinButtons", "Ways of joining that are hidden there"),
        List("HIDE_PREMEETING_BUTTONS", "hiddenPremeetingButtons", "Buttons that are hidden there"),
        Inverted("ENABLE_WELCOME_PAGE", true, Always, "welcomePage.disabled", "A welcome page"),
        Switch("ENABLE_CLOSE_PAGE", false, Always, "enableClosePage", "A page at the end"),
        Text("DEFAULT_LANGUAGE", "defaultLanguage", "Language of the pages"),
        Switch("ENABLE_REQUIRE_DISPLAY_NAME", false, Always, "requireDisplayName", "A name is needed"),
        Json("CHROME_EXTENSION_BANNER_JSON", "", WhenSet, "chromeExtensionBanner", "Banner for an extension"),
        Switch("DISABLE_PROFILE", false, Always, "disableProfile", "Name and e-mail cannot be edited"),
        Json("ROOM_PASSWORD_DIGITS", "false", Always, "roomPasswordNumberOfDigits", "Most digits of a room's password"),
        Text("DYNAMIC_BRANDING_URL", "dynamicBrandingUrl", "Branding document"),
        Part("BRANDING_DATA_URL", "", "Older branding document, read when the former is unset"),
        Text("TOKEN_AUTH_URL", "tokenAuthUrl", "Login page for tokens"),
        Switch("DISABLE_DEEP_LINKING", false, Always, "disableDeepLinking", "No page that offers the app on phones"),
        Switch("DISABLE_REACTIONS", false, Always, "disableReactions", "No reactions"),
        Switch("ENABLE_REACTIONS", true, Elsewhere, "", "The older name of DISABLE_REACTIONS with the opposite meaning, read when that is unset").RenamedTo("DISABLE_REACTIONS"),
        Switch("DISABLE_POLLS", false, Always, "disablePolls", "No polls"),
        List("TOOLBAR_BUTTONS", "toolbarButtons", "Buttons of the toolbar; all when unset"),
        Switch("DISABLE_REMOTE_VIDEO_MENU", false, Always, "remoteVideoMenu.disabled", "No menu on people's pictures"),
        Switch("DISABLE_KICKOUT", false, Always, "remoteVideoMenu.disableKick", "No kick in it"),
        Switch("DISABLE_GRANT_MODERATOR", false, Always, "remoteVideoMenu.disableGrantModerator", "No grant in it"),
        Switch("DISABLE_PRIVATE_CHAT", false, Always, "remoteVideoMenu.disablePrivateChat", "No private chat in it"),
        Switch("ENABLE_VIRTUAL_BACKGROUND_V2", true, Always, "virtualBackground.enableV2", "New background engine"),
        Text("WHITEBOARD_COLLAB_SERVER_PUBLIC_URL", "whiteboard.collabServerBaseUrl", "Public whiteboard server"),

        // Measuring and captions
        Switch("ENABLE_E2EPING", false, Always, "e2eping.enabled", "Measure delay between people"),
        Json("E2EPING_NUM_REQUESTS", "", WhenSet, "e2eping.numRequests", "Pings of a measurement"),
        Json("E2EPING_MAX_CONFERENCE_SIZE", "", WhenSet, "e2eping.maxConferenceSize", "Largest conference that measures"),
        Json("E2EPING_MAX_MESSAGE_PER_SECOND", "", WhenSet, "e2eping.maxMessagePerSecond", "Most pings a second"),
        Switch("ENABLE_REMB", true, WhenChanged, "enableRemb", "Bandwidth estimates by REMB"),
        Switch("ENABLE_TCC", true, WhenChanged, "enableTcc", "Bandwidth estimates by transport-wide feedback"),
        Json("TRANSLATION_LANGUAGES", "[]", Always, "transcription.translationLanguages", "Languages of captions"),
        Json("TRANSLATION_LANGUAGES_HEAD", """["en"]""", Always, "transcription.translationLanguagesHead", "Those shown first"),
        Switch("USE_APP_LANGUAGE", true, Always, "transcription.useAppLanguage", "Captions in the language of the page"),
        Default("PREFERRED_LANGUAGE", "en-US", "transcription.preferredLanguage", "Otherwise in this one"),
        Switch("DISABLE_START_FOR_ALL", false, Always, "transcription.disableStartForAll", "No captions for all at once"),
        Switch("AUTO_CAPTION_ON_RECORD", false, Always, "transcription.autoCaptionOnRecord", "Captions with a recording"),
        Switch("ENABLE_AUDIO_TRANSLATION", false, Always, "audioTranslation.enabled", "Spoken translation"),

        // Deployment
        Text("DEPLOYMENTINFO_ENVIRONMENT", "deploymentInfo.environment", "Name of the environment"),
        Text("DEPLOYMENTINFO_ENVIRONMENT_TYPE", "deploymentInfo.envType", "Its type"),
        Text("DEPLOYMENTINFO_REGION", "deploymentInfo.region", "Region of the people"),
        Text("DEPLOYMENTINFO_USERREGION", "deploymentInfo.userRegion", "Region of the person, where nothing in front of this server names it"),
        Text("DEPLOYMENTINFO_SHARD", "deploymentInfo.shard", "Name of the shard"),

        // Codecs
        Json("CODEC_ORDER_JVB", """["AV1", "VP9", "VP8", "H264"]""", Always, "videoQuality.codecPreferenceOrder", "Order of codecs through the bridge"),
        Json("CODEC_ORDER_JVB_MOBILE", """["VP8", "VP9", "H264", "AV1"]""", Always, "videoQuality.mobileCodecPreferenceOrder", "The same on phones"),
        Switch("ENABLE_ADAPTIVE_MODE", true, Always, "videoQuality.enableAdaptiveMode", "Change the codec when the processor is short"),
        Text("VIDEOQUALITY_PREFERRED_CODEC", "videoQuality.preferredCodec", "Older single preference"),
        .. from codec in new[] { "AV1", "H264", "VP8", "VP9" }
           from layer in new[] { ("LOW", "low"), ("STANDARD", "standard"), ("HIGH", "high"), ("FULL", "fullHd"), ("ULTRA", "ultraHd"), ("SS_HIGH", "ssHigh") }
           select Json($"VIDEOQUALITY_BITRATE_{codec}_{layer.Item1}", "", WhenSet, $"videoQuality.{codec.ToLowerInvariant()}.{layer.Item2}", "Highest bit rate of that layer"),
    ];

    private static readonly Dictionary<string, Setting> ByName = All.ToDictionary(c => c.Setting.Name, c => c.Setting, StringComparer.Ordinal);

    public static Setting<bool> SwitchOf(string name) => (Setting<bool>)ByName[name];

    public static Setting<int> NumberOf(string name) => (Setting<int>)ByName[name];

    public static Setting<string> TextOf(string name) => (Setting<string>)ByName[name];

    private static ClientSetting Switch(string name, bool defaultValue, ClientSettingRule rule, string path, string description)
    {
        var setting = SettingKinds.Switch(name, defaultValue, description, "edge-proxy");
        return new ClientSetting(setting, path, rule, settings => settings.Get(setting));
    }

    private static ClientSetting Inverted(string name, bool defaultValue, ClientSettingRule rule, string path, string description, string readBy = "edge-proxy")
    {
        var setting = SettingKinds.Switch(name, defaultValue, description, readBy);
        return new ClientSetting(setting, path, rule, settings => !settings.Get(setting));
    }

    private static ClientSetting Number(string name, int defaultValue, ClientSettingRule rule, string path, string description)
    {
        var setting = SettingKinds.Number(name, defaultValue, 0, 100_000, description, "edge-proxy");
        return new ClientSetting(setting, path, rule, settings => settings.Get(setting));
    }

    private static ClientSetting Text(string name, string path, string description) => TextWith(name, "", WhenSet, path, description);

    private static ClientSetting Default(string name, string defaultValue, string path, string description) => TextWith(name, defaultValue, Always, path, description);

    private static ClientSetting Part(string name, string defaultValue, string description) => TextWith(name, defaultValue, Elsewhere, "", description);

    private static ClientSetting TextWith(string name, string defaultValue, ClientSettingRule rule, string path, string description)
    {
        var setting = SettingKinds.Text(name, defaultValue, description, "edge-proxy");
        return new ClientSetting(setting, path, rule, settings => settings.Get(setting));
    }

    private static ClientSetting List(string name, string path, string description)
    {
        var setting = SettingKinds.List(name, description, "edge-proxy");
        return new ClientSetting(setting, path, WhenSet, settings => new JsonArray([.. settings.Get(setting).Select(i => JsonValue.Create(i))]));
    }

    private static ClientSetting Servers(string name, string path, string description)
    {
        var setting = SettingKinds.List(name, description, "edge-proxy");
        return new ClientSetting(setting, path, WhenSet, settings => new JsonArray([.. settings.Get(setting).Select(i => new JsonObject { ["urls"] = "stun:" + i })]));
    }

    private static ClientSetting Json(string name, string defaultValue, ClientSettingRule rule, string path, string description)
    {
        var setting = new Setting<string>(name, ClientSetting.TryParseJson, defaultValue, defaultValue, "a JSON value", description, "edge-proxy");
        return new ClientSetting(setting, path, rule, settings => JsonNode.Parse(settings.Get(setting)));
    }
}
