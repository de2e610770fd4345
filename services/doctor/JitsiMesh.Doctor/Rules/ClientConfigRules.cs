using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Whether config.js leads the clients of this page back to this server.</summary>
internal static class ClientConfigRules
{
    public const string Name = "config.js";

    /// <param name="config">The parsed config.js.</param>
    /// <param name="page">The page's address.</param>
    /// <param name="expectedDomain">XMPP_DOMAIN of the settings; null when the page may not use these settings.</param>
    public static IEnumerable<CheckResult> Judge(ClientConfig config, Uri page, string? expectedDomain)
    {
        if (config.ServiceUrl is not { } service)
        {
            yield return CheckResult.Failed(Name, "names neither websocket nor bosh", "a client cannot connect; check CONFIG/web/custom-config.js");
            yield break;
        }

        if (!Uri.TryCreate(page, service, out var address))
        {
            yield return CheckResult.Failed(Name, $"names {service}, which is not an address", "correct PUBLIC_URL or CONFIG/web/custom-config.js");
            yield break;
        }

        var fine = true;
        if (page.Scheme == Uri.UriSchemeHttps && address.Scheme is "ws" or "http")
        {
            fine = false;
            yield return CheckResult.Failed(Name, $"leads an HTTPS page to {service}, which browsers refuse", "set PUBLIC_URL to the https address; behind another proxy it must send X-Forwarded-Proto from a network in MESH_TRUSTED_PROXIES");
        }

        if (!string.Equals(address.Host, page.Host, StringComparison.OrdinalIgnoreCase) || address.Port != page.Port)
        {
            fine = false;
            yield return CheckResult.Warning(Name, $"leads from {page.Authority} to {address.Authority}", "PUBLIC_URL is the address that users type; correct it if these are different servers");
        }

        if (config.WebSocket is null)
        {
            fine = false;
            yield return config.Bosh is null
                ? CheckResult.Warning(Name, "names no websocket", "custom-config.js has removed the key: clients cannot find signalling; the checks below use the default address")
                : CheckResult.Warning(Name, "names no websocket, and clients use only BOSH", "ENABLE_XMPP_WEBSOCKET=1 lets them use WebSockets, which cost server and clients less; the checks below cover only BOSH");
        }

        if (expectedDomain is not null && !string.Equals(expectedDomain, config.Domain, StringComparison.OrdinalIgnoreCase))
        {
            fine = false;
            yield return CheckResult.Warning(Name, $"has the domain {config.Domain}, but XMPP_DOMAIN is {expectedDomain}", "restart the services with the older value, or correct XMPP_DOMAIN or hosts.domain in CONFIG/web/custom-config.js");
        }

        if (fine) yield return CheckResult.Ok(Name, $"{service}, rooms at {config.Muc}");
    }

    /// <summary>The address of BOSH; null if config.js has none, or an invalid one.</summary>
    public static Uri? Bosh(ClientConfig config, Uri page) => config.Bosh is { } said && Uri.TryCreate(page, said, out var address) && (address.Scheme is "http" or "https") ? address : null;

    /// <summary>The address of the WebSocket: from config.js, else the default path.</summary>
    public static Uri WebSocket(ClientConfig config, Uri page)
    {
        var scheme = page.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        var usual = new UriBuilder(page) { Scheme = scheme, Path = page.AbsolutePath.TrimEnd('/') + "/xmpp-websocket" }.Uri;
        if (config.WebSocket is null || !Uri.TryCreate(page, config.WebSocket, out var said)) return usual;
        return said.Scheme is "ws" or "wss" ? said : new UriBuilder(said) { Scheme = said.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;
    }
}
