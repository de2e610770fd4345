using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Whether config.js leads a client of this page back to this server.</summary>
internal static class ClientConfigRules
{
    public const string Name = "config.js";

    /// <param name="config">What it says.</param>
    /// <param name="page">The page's address.</param>
    /// <param name="expectedDomain">XMPP_DOMAIN of the settings; null when the page is not known to be run with these settings.</param>
    public static IEnumerable<CheckResult> Judge(ClientConfig config, Uri page, string? expectedDomain)
    {
        if (config.ServiceUrl is not { } service)
        {
            yield return CheckResult.Failed(Name, "names neither websocket nor bosh", "a client cannot connect; look into CONFIG/web/custom-config.js");
            yield break;
        }

        if (!Uri.TryCreate(page, service, out var address))
        {
            yield return CheckResult.Failed(Name, $"names {service}, which is no address", "correct PUBLIC_URL or CONFIG/web/custom-config.js");
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
            yield return CheckResult.Warning(Name, $"leads from {page.Authority} to {address.Authority}", "PUBLIC_URL is the address that people type; correct it where these are not the same server");
        }

        if (config.WebSocket is null)
        {
            fine = false;
            yield return CheckResult.Warning(Name, "names no websocket", "custom-config.js has taken the key away: clients do not find the signalling; the checks below take the usual address");
        }

        if (expectedDomain is not null && !string.Equals(expectedDomain, config.Domain, StringComparison.OrdinalIgnoreCase))
        {
            fine = false;
            yield return CheckResult.Warning(Name, $"says the domain {config.Domain}, and XMPP_DOMAIN is {expectedDomain}", "restart what runs with the older value, or correct XMPP_DOMAIN or hosts.domain in CONFIG/web/custom-config.js");
        }

        if (fine) yield return CheckResult.Ok(Name, $"{service}, rooms at {config.Muc}");
    }

    /// <summary>Where clients open their WebSocket: as config.js says, else the usual path.</summary>
    public static Uri WebSocket(ClientConfig config, Uri page)
    {
        var scheme = page.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        var usual = new UriBuilder(page) { Scheme = scheme, Path = page.AbsolutePath.TrimEnd('/') + "/xmpp-websocket" }.Uri;
        if (config.WebSocket is null || !Uri.TryCreate(page, config.WebSocket, out var said)) return usual;
        return said.Scheme is "ws" or "wss" ? said : new UriBuilder(said) { Scheme = said.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;
    }
}
