using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>
/// config.js and interface_config.js: the settings under the keys that Jitsi's web container writes, then the operator's
/// <c>CONFIG/web/custom-config.js</c> or <c>custom-interface_config.js</c>, whose assignments win.
/// </summary>
internal sealed class ConfigScript(MeshSettings settings, WebFolder folder, PublicBase root)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // "<" and U+2028/9 would end a script element, or a line in old JavaScript, when index.html includes the text.
    private static readonly (string From, string To)[] ScriptEscapes = [("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")];

    /// <summary>Whether the operator extends config.js, which may then name servers that no setting names.</summary>
    public bool HasOperatorsPart => File.Exists(OperatorsPart("custom-config.js"));

    /// <param name="request">Its address is the server's address, unless PUBLIC_URL is set.</param>
    /// <param name="tenant">As in the path: part of the addresses below the server's.</param>
    /// <param name="label">Of <see cref="TenantName"/>: part of the rooms' domain.</param>
    public string Config(HttpRequest request, string tenant, string label)
    {
        var json = Build(settings, root.Address(request), tenant, label).ToJsonString(Readable);
        foreach (var (from, to) in ScriptEscapes) json = json.Replace(from, to, StringComparison.Ordinal);
        var prefix = settings.Get(KnownSettings.ConfigPrefix).Replace("\\n", "\n", StringComparison.Ordinal);
        return new StringBuilder(prefix.Length > 0 ? prefix : "// Generated from the settings of this server.").Append('\n')
            .Append("var config = ").Append(json).Append(";\n").Append(Custom("custom-config.js")).ToString();
    }

    public string InterfaceConfig()
    {
        var shipped = folder.Find("interface_config.js") is { } file ? File.ReadAllText(file.FullName) : "var interfaceConfig = {\n  \"APP_NAME\": \"JitsiMesh\"\n};\n";
        return shipped + Custom("custom-interface_config.js");
    }

    internal static JsonObject Build(MeshSettings settings, string authority, string tenant, string label)
    {
        var config = new JsonObject();
        AddServer(config, settings, authority, tenant, label);
        foreach (var entry in ClientSettings.All)
        {
            if (entry.Rule == ClientSettingRule.Elsewhere || (entry.Rule == ClientSettingRule.WhenSet && !settings.IsSet(entry.Setting))) continue;
            if (entry.Value(settings) is not { } value) continue;
            if (entry.Rule == ClientSettingRule.WhenChanged && !IsChanged(settings, entry.Setting)) continue;
            Put(config, entry.Path, value);
        }

        AddCombined(config, settings, authority);
        return config;
    }

    private static void AddServer(JsonObject config, MeshSettings settings, string authority, string tenant, string label)
    {
        var sub = label.Length > 0 && settings.Get(ClientSettings.SwitchOf("ENABLE_SUBDOMAINS")) ? Uri.EscapeDataString(tenant) + "/" : "";
        config["hosts"] = new JsonObject { ["domain"] = settings.XmppDomain, ["muc"] = TenantName.MucDomain(label, settings) };
        if (settings.Get(KnownSettings.EnableAuth))
        {
            if (settings.Get(KnownSettings.EnableGuests)) Put(config, "hosts.anonymousdomain", settings.XmppGuestDomain);
            if (settings.Get(ClientSettings.SwitchOf("ENABLE_AUTH_DOMAIN"))) Put(config, "hosts.authdomain", settings.XmppDomain);
        }

        AddLogin(config, settings, authority, tenant);

        config["bosh"] = $"{(settings.Get(ClientSettings.SwitchOf("BOSH_RELATIVE")) ? PathOf(authority) : authority)}/{sub}http-bind";
        if (settings.Get(KnownSettings.EnableXmppWebsocket)) config["websocket"] = $"ws{authority["http".Length..]}/{sub}xmpp-websocket";
    }

    /// <summary>The path of the server's address, without a trailing slash; usually empty.</summary>
    private static string PathOf(string authority)
    {
        var path = authority.IndexOf('/', authority.IndexOf("//", StringComparison.Ordinal) + 2);
        return path < 0 ? "" : authority[path..].TrimEnd('/');
    }

    // Where auth itself runs the login at a provider. TOKEN_AUTH_URL names an external login page, which then replaces it.
    private static void AddLogin(JsonObject config, MeshSettings settings, string authority, string tenant)
    {
        if (!settings.Get(KnownSettings.EnableAuth) || settings.Get(KnownSettings.AuthType) is not AuthenticationType.Oidc || settings.IsSet(ClientSettings.TextOf("TOKEN_AUTH_URL"))) return;

        // The room comes last, since clients append it unescaped.
        config["tokenAuthUrl"] = $"{authority}/oidc/login?{(tenant.Length > 0 ? $"tenant={Uri.EscapeDataString(tenant)}&" : "")}state={{state}}&room={{room}}";
        config["tokenAuthUrlAutoRedirect"] = true;
        config["tokenLogoutUrl"] = $"{authority}/oidc/logout";
    }

    private static void AddCombined(JsonObject config, MeshSettings settings, string authority)
    {
        int N(string name) => settings.Get(ClientSettings.NumberOf(name));
        bool S(string name) => settings.Get(ClientSettings.SwitchOf(name));
        string T(string name) => settings.Get(ClientSettings.TextOf(name));
        bool IsSet(string name) => settings.IsSet(KnownSettings.All[name]);

        config["constraints"] = new JsonObject
        {
            ["video"] = new JsonObject
            {
                ["height"] = new JsonObject { ["ideal"] = N("RESOLUTION"), ["max"] = N("RESOLUTION"), ["min"] = N("RESOLUTION_MIN") },
                ["width"] = new JsonObject { ["ideal"] = N("RESOLUTION_WIDTH"), ["max"] = N("RESOLUTION_WIDTH"), ["min"] = N("RESOLUTION_WIDTH_MIN") },
            },
        };
        config["flags"] = new JsonObject { ["sourceNameSignaling"] = true, ["sendMultipleVideoStreams"] = true, ["receiveMultipleVideoStreams"] = true };
        if (!S("DESKTOP_SHARING_FRAMERATE_AUTO"))
        {
            config["desktopSharingFrameRate"] = new JsonObject { ["min"] = N("DESKTOP_SHARING_FRAMERATE_MIN"), ["max"] = N("DESKTOP_SHARING_FRAMERATE_MAX") };
        }

        // This version has no recorder and no captions: config.js turns both off, whatever the settings are. A warning at the start informs the operator (jitsi-names.txt).
        Put(config, "transcription.enabled", false);
        Put(config, "transcription.disableClosedCaptions", true);

        // Jitsi's template passes the variable without inverting it, so that 1 disables what it should enable; here 1 enables it.
        Put(config, "localRecording.disableSelfRecording", IsSet("ENABLE_LOCAL_RECORDING_SELF_START") && !S("ENABLE_LOCAL_RECORDING_SELF_START"));
        config["analytics"] ??= new JsonObject();
        config["deploymentInfo"] ??= new JsonObject();
        if (!IsSet("PEOPLE_SEARCH_URL") && settings.Get(KnownSettings.DirectorySearch)) config["peopleSearchUrl"] = authority + "/people-search";
        if (config.ContainsKey("peopleSearchUrl")) config["peopleSearchQueryTypes"] = new JsonArray("user", "conferenceRooms");
        if (!IsSet("DYNAMIC_BRANDING_URL") && IsSet("BRANDING_DATA_URL")) config["brandingDataUrl"] = T("BRANDING_DATA_URL");
        if (!IsSet("DISABLE_REACTIONS") && IsSet("ENABLE_REACTIONS")) config["disableReactions"] = !S("ENABLE_REACTIONS");
        foreach (var codec in new[] { "av1", "h264", "vp8", "vp9" }) config["videoQuality"]![codec] ??= new JsonObject();
        if (!IsSet("ETHERPAD_PUBLIC_URL") && settings.Get(KnownSettings.EtherpadUrlBase) is not null) config["etherpad_base"] = authority + "/etherpad/p/";
        AddWhiteboard(config, settings, authority);
        config["testing"] = new JsonObject { ["enableCodecSelectionAPI"] = true };
    }

    // Either address enables the whiteboard. The inner one is reached through this server.
    private static void AddWhiteboard(JsonObject config, MeshSettings settings, string authority)
    {
        var isPublic = settings.IsSet(ClientSettings.TextOf("WHITEBOARD_COLLAB_SERVER_PUBLIC_URL"));
        var enabled = settings.Get(KnownSettings.WhiteboardEnabled) && (isPublic || settings.Get(KnownSettings.WhiteboardUrlBase) is not null);
        if (!enabled) config.Remove("whiteboard");
        Put(config, "whiteboard.enabled", enabled);

        // Without the path of PUBLIC_URL: socket.io would take a path for a namespace, which the whiteboard's server does not have, and always requests /socket.io/ from the host.
        if (enabled && !isPublic) Put(config, "whiteboard.collabServerBaseUrl", authority[..^PathOf(authority).Length]);
    }

    private string Custom(string name)
    {
        var path = OperatorsPart(name);
        return File.Exists(path) ? "\n" + File.ReadAllText(path) + "\n" : "";
    }

    private string OperatorsPart(string name) => Path.Combine(settings.ConfigDirectory, "web", name);

    private static bool IsChanged(MeshSettings settings, Setting setting) => setting is Setting<bool> s && settings.Get(s) != s.Default;

    private static void Put(JsonObject target, string path, JsonNode value)
    {
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            if (target[name] is not JsonObject inner) target[name] = inner = [];
            target = inner;
        }

        target[names[^1]] = value;
    }
}
