using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using JitsiMesh.Doctor.Probes;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor;

/// <summary>
/// Examines a running deployment from the outside in, in the order in which a browser needs it: (1) name and page, (2) certificate and clock,
/// (3) config.js, (4) signalling, (5) conference request and offer, (6) addresses, UDP, TCP, TURN and NAT, (7) bridge channel, (8) a call of three. Checks that
/// cannot succeed after a failure are reported as skipped.
/// </summary>
public sealed partial class Examination(DoctorOptions options, MeshSettings settings, Report report, TimeProvider time, IRandomSource random)
{
    // A service that is off or unreachable shows within a few attempts; see BindingProbe.
    private static readonly TimeSpan LongestBinding = TimeSpan.FromSeconds(4);

    // A bridge offers a few; more would only repeat the result.
    private const int MostTcp = 12;

    private readonly Uri _page = options.Url ?? DefaultUrl(settings);

    /// <summary>The examined address.</summary>
    public Uri Page => _page;

    /// <summary>Whether the page is served with the settings of this process.</summary>
    private bool IsOwn => options.Url is null;

    private bool IsLocal => _page.IsLoopback;

    /// <summary>PUBLIC_URL, else this machine's port.</summary>
    public static Uri DefaultUrl(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.PublicUrl is { } url) return new Uri(url);
        var (scheme, port) = settings.Get(KnownSettings.DisableHttps) ? ("http", settings.HttpPort.Port) : ("https", settings.HttpsPort.Port);
        return new Uri(FormattableString.Invariant($"{scheme}://localhost:{port}"));
    }

    public async Task RunAsync()
    {
        report.AddRange(SettingRules.Judge(settings));
        using var pages = new PageProbe(options.Timeout);

        // 1 and 2
        var addresses = await ResolveAsync().ConfigureAwait(false);
        if (!await CheckPageAsync(pages).ConfigureAwait(false))
        {
            report.Add(CheckResult.Skipped("the rest", "needs the page"));
            return;
        }

        if (_page.Scheme == Uri.UriSchemeHttps) await CheckCertificateAsync(pages).ConfigureAwait(false);
        if (IsOwn && settings.Get(KnownSettings.EnableLetsEncrypt)) report.AddRange(await CheckAuthorityAsync(pages).ConfigureAwait(false));
        await CheckHttpAsync(pages).ConfigureAwait(false);

        // 3
        var config = await CheckConfigAsync(pages).ConfigureAwait(false);
        await CheckHealthAsync(pages).ConfigureAwait(false);
        if (config is null)
        {
            report.Add(CheckResult.Skipped("the rest", "needs config.js"));
            return;
        }

        // 4
        var room = options.Room ?? "doctor-" + random.NextHex(12);
        await CheckBoshAsync(pages, config, room).ConfigureAwait(false);
        if (config is { WebSocket: null, Bosh: not null })
        {
            await CheckConferenceRequestAsync(pages, config, room).ConfigureAwait(false);
            report.Add(CheckResult.Skipped("the rest", "needs signalling over a WebSocket, which config.js does not name"));
            return;
        }

        var webSocket = ClientConfigRules.WebSocket(config, _page);
        if (!await CheckSignallingAsync(webSocket, config, room).ConfigureAwait(false))
        {
            report.Add(CheckResult.Skipped("the rest", "needs signalling and a way in for guests"));
            return;
        }

        // 5
        await CheckConferenceRequestAsync(pages, config, room).ConfigureAwait(false);
        var participant = new ParticipantOptions { Domain = config.Domain, MucDomain = config.Muc, FocusAddress = config.Focus, Room = room };
        await CheckMediaAsync(webSocket, participant, addresses).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync()
    {
        if (IPAddress.TryParse(_page.IdnHost.Trim('[', ']'), out var literal)) return [literal];
        try
        {
            using var limit = new CancellationTokenSource(options.Timeout);
            var addresses = await Dns.GetHostAddressesAsync(_page.IdnHost, limit.Token).ConfigureAwait(false);
            report.Add(CheckResult.Ok("name", $"{_page.IdnHost} is {string.Join(", ", addresses.Select(a => a.ToString()))}"));
            return addresses;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            report.Add(CheckResult.Failed("name", $"{_page.IdnHost} does not resolve ({e.Message})", "correct PUBLIC_URL, or the DNS record"));
            return [];
        }
    }

    private async Task<bool> CheckPageAsync(PageProbe pages)
    {
        try
        {
            var asked = time.GetUtcNow();
            var answer = await pages.GetAsync(_page).ConfigureAwait(false);
            if (answer.Status != 200 || !answer.Body.Contains("<html", StringComparison.OrdinalIgnoreCase))
            {
                report.Add(CheckResult.Failed("page", $"{_page} answers {answer.Status}{(answer.Location is null ? "" : $" and leads to {answer.Location}")} and no page", "PUBLIC_URL must be the address that users type; check the log of edge-proxy"));
                return false;
            }

            report.Add(CheckResult.Ok("page", $"{_page} answers"));
            report.Add(ClockRules.Judge(answer.Date, asked));
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            var isTls = e.GetBaseException() is AuthenticationException || (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError });
            report.Add(CheckResult.Failed("page", $"{_page}: {pages.Explain(e)}", isTls
                ? "the server there does not speak TLS: check HTTPS_PORT, DISABLE_HTTPS and PUBLIC_URL"
                : "is it running (./mesh up)? the doctor uses HTTPS_PORT and PUBLIC_URL, and a firewall may be in between"));
            return false;
        }
    }

    private async Task CheckCertificateAsync(PageProbe pages)
    {
        try
        {
            var facts = await pages.ReadCertificateAsync(_page).ConfigureAwait(false);
            report.AddRange(CertificateRules.Judge(facts, _page.IdnHost.Trim('[', ']'), IsLocal, options.Insecure, time.GetUtcNow()));
            report.Add(CertificateRules.JudgePhones(facts, IsLocal, time.GetUtcNow()));
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or OperationCanceledException)
        {
            report.Add(CheckResult.Failed(CertificateRules.Name, pages.Explain(e), "check the log of edge-proxy"));
        }
    }

    // Browsers try plain HTTP when the user types a bare name.
    private async Task CheckHttpAsync(PageProbe pages)
    {
        const string name = "http";
        if (_page.Scheme == Uri.UriSchemeHttp)
        {
            report.Add(IsLocal
                ? CheckResult.Ok(name, "TLS is off; browsers allow camera and microphone only on localhost")
                : CheckResult.Warning(name, $"{_page} is plain HTTP", "browsers allow camera and microphone only on HTTPS pages: terminate TLS in front of it, or set DISABLE_HTTPS=0"));
            return;
        }

        // Port 80 belongs to 443; any other pair is known only from the settings.
        if (_page.Port != 443 && !IsOwn)
        {
            report.Add(CheckResult.Skipped(name, "the plain HTTP port is known only for an address without a port"));
            return;
        }

        var address = new UriBuilder(_page) { Scheme = "http", Port = _page.Port == 443 ? 80 : settings.HttpPort.Port }.Uri;
        try
        {
            var answer = await pages.GetAsync(address).ConfigureAwait(false);
            if (answer.Status is >= 300 and < 400)
            {
                var right = answer.Location is { Scheme: "https" } to && to.Authority == _page.Authority;
                report.Add(right
                    ? CheckResult.Ok(name, $"{address} redirects to {answer.Location}")
                    : CheckResult.Failed(name, $"{address} redirects to {answer.Location?.ToString() ?? "nowhere"} instead of {_page}", "correct PUBLIC_URL (or MESH_PUBLISHED_HTTPS_PORT)"));
            }
            else if (answer.Status == 200)
            {
                report.Add(CheckResult.Ok(name, $"{address} answers without a redirect (ENABLE_HTTP_REDIRECT=1 redirects to HTTPS)"));
            }
            else
            {
                report.Add(CheckResult.Warning(name, $"{address} answers {answer.Status}", "check HTTP_PORT and which server listens there"));
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            report.Add(CheckResult.Warning(name, $"{address}: {pages.Explain(e)}", "users who type the bare name get no page: HTTP_PORT is the port of plain HTTP"));
        }
    }

    private async Task<ClientConfig?> CheckConfigAsync(PageProbe pages)
    {
        var address = Below("config.js");
        try
        {
            var answer = await pages.GetAsync(address).ConfigureAwait(false);
            if (answer.Status != 200)
            {
                report.Add(CheckResult.Failed(ClientConfigRules.Name, $"{address} answers {answer.Status}", "check WEB_ROOT and the log of edge-proxy"));
                return null;
            }

            if (!ClientConfig.TryRead(answer.Body, out var config, out var problem))
            {
                report.Add(CheckResult.Failed(ClientConfigRules.Name, problem, "check CONFIG/web/custom-config.js and WEB_CONFIG_PREFIX"));
                return null;
            }

            report.AddRange(ClientConfigRules.Judge(config, _page, IsOwn ? settings.XmppDomain : null));
            return config;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            report.Add(CheckResult.Failed(ClientConfigRules.Name, pages.Explain(e), "check the log of edge-proxy"));
            return null;
        }
    }

    private async Task CheckHealthAsync(PageProbe pages)
    {
        const string name = "health";
        try
        {
            var answer = await pages.GetAsync(Below("about/health")).ConfigureAwait(false);
            report.Add(answer.Status == 200 ? CheckResult.Ok(name, answer.Body.Trim()) : CheckResult.Failed(name, $"/about/health answers {answer.Status} {answer.Body.Trim()}", "check the log of edge-proxy"));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            report.Add(CheckResult.Failed(name, pages.Explain(e), "check the log of edge-proxy"));
        }
    }

    private Uri Below(string path) => new UriBuilder(_page) { Path = _page.AbsolutePath.TrimEnd('/') + "/" + path }.Uri;
}
