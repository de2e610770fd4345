using System.Text.Json.Nodes;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

/// <summary>
/// config.js for the sets of settings that operators have, as Jitsi's web container writes it: what differs from the defaults, of which
/// <see cref="ConfigScriptTests"/> has every key, and nothing else does.
/// </summary>
public sealed class GoldenConfigTests
{
    [Theory]
    [InlineData("", "", "https://localhost:8443", "{}")]
    [InlineData("ENABLE_AUTH=1\nENABLE_GUESTS=1", "", "https://localhost:8443",
        """{ "hosts": { "domain": "meet.jitsi", "muc": "muc.meet.jitsi", "anonymousdomain": "guest.meet.jitsi", "authdomain": "meet.jitsi" } }""")]
    [InlineData("ENABLE_AUTH=1\nAUTH_TYPE=jwt\nENABLE_AUTH_DOMAIN=0\nJWT_APP_ID=app\nJWT_APP_SECRET=0123456789abcdef\nTOKEN_AUTH_URL=https://login.example/{room}", "", "https://localhost:8443",
        """{ "tokenAuthUrl": "https://login.example/{room}" }""")]
    [InlineData("XMPP_DOMAIN=example.org\nENABLE_AUTH=1\nENABLE_GUESTS=1", "", "https://localhost:8443",
        """{ "hosts": { "domain": "example.org", "muc": "muc.example.org", "anonymousdomain": "guest.example.org", "authdomain": "example.org" } }""")]
    // Recording takes effect with a part that is not built yet: no button of a service that does not answer.
    [InlineData("ENABLE_RECORDING=1\nENABLE_LIVESTREAMING=1\nENABLE_TRANSCRIPTIONS=1", "", "https://localhost:8443", "{}")]
    [InlineData("", "Acme.Corp", "https://localhost:8443/Acme.Corp", """{ "hosts": { "domain": "meet.jitsi", "muc": "muc.acme_corp.meet.jitsi" } }""")]
    [InlineData("PUBLIC_URL=https://meet.example.com/\nDISABLE_HTTPS=1", "", "https://meet.example.com", "{}")]
    [InlineData("PUBLIC_URL=https://meet.example.com:444\nDISABLE_HTTPS=1", "acme", "https://meet.example.com:444/acme", """{ "hosts": { "domain": "meet.jitsi", "muc": "muc.acme.meet.jitsi" } }""")]
    [InlineData("DEPLOYMENTINFO_REGION=eu\nDEPLOYMENTINFO_SHARD=s1\nDEPLOYMENTINFO_USERREGION=eu-west\nDEPLOYMENTINFO_ENVIRONMENT=prod\nDEPLOYMENTINFO_ENVIRONMENT_TYPE=live", "", "https://localhost:8443",
        """{ "deploymentInfo": { "environment": "prod", "envType": "live", "region": "eu", "userRegion": "eu-west", "shard": "s1" } }""")]
    [InlineData("ENABLE_REACTIONS=0", "", "https://localhost:8443", """{ "disableReactions": true }""")]
    [InlineData("ENABLE_REACTIONS=0\nDISABLE_REACTIONS=0", "", "https://localhost:8443", "{}")]
    public void A_set_of_settings_changes_the_keys_that_it_means(string env, string tenant, string address, string expected)
    {
        var defaults = Build("", "", "https://localhost:8443");
        var built = Build(env, tenant, address[..^(tenant.Length > 0 ? tenant.Length + 1 : 0)]);

        var different = new JsonObject(defaults.Concat(built).Select(pair => pair.Key).Distinct(StringComparer.Ordinal)
            .Where(key => !IsOwnAddress(key) && !JsonNode.DeepEquals(defaults[key], built[key])).Select(key => KeyValuePair.Create(key, built[key]?.DeepClone())));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), different), $"{different.ToJsonString()} instead of {expected}");
        Assert.Equal($"ws{address["http".Length..]}/xmpp-websocket", (string?)built["websocket"]);
    }

    // Where clients come to: each holds this server's address.
    private static bool IsOwnAddress(string key) => key is "websocket" or "bosh";

    private static JsonObject Build(string env, string tenant, string authority)
    {
        Assert.True(EnvFile.TryParse(env, out var values, out _));
        var settings = MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value)));
        Assert.True(TenantName.TryLabel(tenant, settings, out var label));
        if (settings.PublicUrl is { } url) Assert.Equal(authority, url);
        return ConfigScript.Build(settings, authority, tenant, label);
    }
}
