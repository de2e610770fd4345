using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using JitsiMesh.Doctor.Probes;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Jingle;

namespace JitsiMesh.Doctor;

public sealed partial class Examination
{
    // Deployments rarely announce more; each server costs waiting time.
    private const int MostRelays = 8;

    private async Task<bool> CheckSignallingAsync(Uri webSocket, ClientConfig config, string room)
    {
        const string name = "signalling";
        try
        {
            var (protocol, mechanisms) = await StreamProbe.ReadMechanismsAsync(new UriBuilder(webSocket) { Query = "room=" + Uri.EscapeDataString(room) }.Uri, config.Domain, options.Timeout).ConfigureAwait(false);
            if (protocol != "xmpp")
            {
                report.Add(CheckResult.Failed(name, $"{webSocket} opens with the subprotocol '{protocol}' instead of xmpp", "a proxy in front removes Sec-WebSocket-Protocol"));
                return false;
            }

            report.Add(CheckResult.Ok(name, $"{webSocket} opens; logins: {string.Join(", ", mechanisms)}"));
            if (mechanisms.Contains("ANONYMOUS", StringComparer.Ordinal)) return true;
            report.Add(CheckResult.Warning("login", "guests are not admitted, and the doctor joins as a guest", "for a full examination run it while ENABLE_AUTH is off or ENABLE_GUESTS on"));
            return false;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            var why = e is OperationCanceledException ? FormattableString.Invariant($"no answer in {options.Timeout.TotalSeconds:0} s") : e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
            report.Add(CheckResult.Failed(name, $"{webSocket}: {why}", "a proxy in front must forward Upgrade and Connection; else check the log of signalling, PUBLIC_URL and XMPP_DOMAIN"));
            return false;
        }
    }

    // The connection type of clients whose network blocks WebSockets.
    private async Task CheckBoshAsync(PageProbe pages, ClientConfig config, string room)
    {
        const string name = "bosh";
        const string advice = "a proxy in front must forward POST to /http-bind, wait up to 40 s for answers and not buffer them; else check the log of signalling";
        if (ClientConfigRules.Bosh(config, _page) is not { } address)
        {
            report.Add(CheckResult.Warning(name, "config.js names no bosh", "clients whose network blocks WebSockets cannot connect; check CONFIG/web/custom-config.js"));
            return;
        }

        try
        {
            var (mechanisms, problem) = await BoshProbe.ReadMechanismsAsync(pages, new UriBuilder(address) { Query = "room=" + Uri.EscapeDataString(room) }.Uri, config.Domain, random).ConfigureAwait(false);
            report.Add(mechanisms is not null ? CheckResult.Ok(name, $"{address} answers; logins: {string.Join(", ", mechanisms)}") : CheckResult.Failed(name, $"{address}: {problem}", advice));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            report.Add(CheckResult.Failed(name, $"{address}: {pages.Explain(e)}", advice));
        }
    }

    private async Task CheckConferenceRequestAsync(PageProbe pages, ClientConfig config, string room)
    {
        const string name = "conference (http)";
        const string advice = "check the logs of signalling and focus; JICOFO_AUTH_PASSWORD must be the same in both";
        try
        {
            var body = JsonSerializer.Serialize(new Dictionary<string, object> { ["room"] = $"{room}@{config.Muc}", ["properties"] = new Dictionary<string, string>() });
            var answer = await pages.PostJsonAsync(Below("conference-request/v1"), body).ConfigureAwait(false);
            if (answer.Status == 200 && JsonDocument.Parse(answer.Body).RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("ready", out var ready) && ready.ValueKind is JsonValueKind.True)
            {
                report.Add(CheckResult.Ok(name, "/conference-request/v1 answers, the conference is ready"));
                return;
            }

            report.Add(CheckResult.Failed(name, $"/conference-request/v1 answers {answer.Status} {Shorten(answer.Body)}", advice));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            report.Add(CheckResult.Failed(name, e is JsonException ? "/conference-request/v1 does not answer in JSON" : pages.Explain(e), advice));
        }
    }

    private async Task CheckMediaAsync(Uri webSocket, ParticipantOptions participant, IReadOnlyList<IPAddress> addresses)
    {
        IReadOnlyList<BindingResult> bindings;
        await using (var offers = new OfferProbe())
        {
            if (await ReadOfferAsync(offers, webSocket, participant).ConfigureAwait(false) is not { } transport) return;

            // 6
            bindings = await CheckAddressesAsync(transport, addresses).ConfigureAwait(false);

            await CheckRelaysAsync(offers, participant.Domain, transport, bindings).ConfigureAwait(false);

            // 7
            await CheckBridgeSocketAsync(transport).ConfigureAwait(false);
        }

        // 8. The participants use one address family only.
        var reached = bindings.Where(b => b.Outcome == BindingOutcome.Answered).OrderBy(b => b.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault();
        if (reached is null)
        {
            report.Add(CheckResult.Skipped(CallRules.Name, "no address of the bridge answers by UDP"));
            return;
        }

        await CheckCallAsync(webSocket, participant, reached.Local).ConfigureAwait(false);
    }

    private async Task<IceUdpTransport?> ReadOfferAsync(OfferProbe offers, Uri webSocket, ParticipantOptions participant)
    {
        const string asked = "conference (iq)";
        const string name = "offer";
        var problem = await offers.JoinAsync(webSocket, participant, random, options.Timeout).ConfigureAwait(false);
        report.Add(offers.FocusJid is { } focus
            ? CheckResult.Ok(asked, $"{focus} accepts the room {participant.Room}")
            : CheckResult.Failed(asked, problem ?? "no answer", "check the logs of signalling and focus"));
        var transport = offers.Offer?.Contents.Select(c => c.Transport).OfType<IceUdpTransport>().FirstOrDefault(t => t.Ufrag is not null && t.Password is not null);
        if (transport is not null)
        {
            report.Add(CheckResult.Ok(name, $"session-initiate with {string.Join(", ", offers.Offer!.Contents.Select(c => c.Name))}"));
            return transport;
        }

        report.Add(offers.BridgeNotAvailable
            ? CheckResult.Failed(name, "focus has no media bridge", "is media-bridge running and healthy? JVB_AUTH_PASSWORD must be the same there and in focus, and both need the same MESH_BUS")
            : CheckResult.Failed(name, problem ?? "a session-initiate without a transport", "check the logs of focus and media-bridge"));
        report.Add(CheckResult.Skipped(CallRules.Name, "needs an offer"));
        return null;
    }

    private async Task<IReadOnlyList<BindingResult>> CheckAddressesAsync(IceUdpTransport transport, IReadOnlyList<IPAddress> addresses)
    {
        var candidates = transport.Candidates.Where(c => string.Equals(c.Protocol, "udp", StringComparison.OrdinalIgnoreCase))
            .Select(c => IPAddress.TryParse(c.Address, out var address) ? new IPEndPoint(address, c.Port) : null).OfType<IPEndPoint>().Distinct().ToList();
        report.Add(AdvertisedAddressRules.Judge(candidates, _page.IdnHost, addresses));
        var patience = options.Timeout < LongestBinding ? options.Timeout : LongestBinding;
        var bindings = await Task.WhenAll(candidates.Select(c => BindingProbe.AskAsync(c, transport.Ufrag!, transport.Password!, patience, random))).ConfigureAwait(false);
        report.AddRange(Reachability.Judge(bindings, patience));
        report.AddRange(TcpReachability.Judge(await AskOverTcpAsync(transport, patience).ConfigureAwait(false)));

        // This machine's address is the bridge's only if both run here.
        if (IsOwn && !settings.Get(KnownSettings.JvbDisableStun)) report.Add(NatRules.Judge(await StunEcho.AskAsync(settings.Get(KnownSettings.JvbStunServers), patience, random).ConfigureAwait(false), candidates));
        return bindings;
    }

    private async Task<IReadOnlyList<(string Protocol, BindingResult Result)>> AskOverTcpAsync(IceUdpTransport transport, TimeSpan patience)
    {
        var offered = transport.Candidates.Where(c => c.TcpType == "passive" && IPAddress.TryParse(c.Address, out _)).Take(MostTcp).ToList();
        return await Task.WhenAll(offered.Select(async c =>
        {
            var protocol = c.Protocol.ToLowerInvariant();
            return (protocol, await TcpBindingProbe.AskAsync(new IPEndPoint(IPAddress.Parse(c.Address), c.Port), protocol == "ssltcp", transport.Ufrag!, transport.Password!, patience, random).ConfigureAwait(false));
        })).ConfigureAwait(false);
    }

    // Each server is checked with one bridge address: one that answers directly, else the first.
    private async Task CheckRelaysAsync(OfferProbe offers, string domain, IceUdpTransport transport, IReadOnlyList<BindingResult> bindings)
    {
        var services = await offers.ReadServicesAsync(domain, options.Timeout).ConfigureAwait(false);
        var bridge = bindings.FirstOrDefault(b => b.Outcome == BindingOutcome.Answered) ?? (bindings.Count > 0 ? bindings[0] : null);
        if (bridge is null)
        {
            report.Add(CheckResult.Skipped(RelayRules.Name, "the bridge offers no address"));
            return;
        }

        var results = await Task.WhenAll(AnnouncedRelay.Read(services).Take(MostRelays)
            .Select(relay => RelayProbe.AskAsync(relay, bridge.Address, transport.Ufrag!, transport.Password!, options.Timeout, random))).ConfigureAwait(false);
        report.AddRange(RelayRules.Judge(results, services is not null));
    }

    private async Task CheckBridgeSocketAsync(IceUdpTransport transport)
    {
        const string name = "colibri-ws";
        if (transport.WebSockets is not [var text, ..])
        {
            report.Add(CheckResult.Warning(name, "the bridge offers no WebSocket: the bridge channel uses only the data channel", "set PUBLIC_URL, and ENABLE_COLIBRI_WEBSOCKET=1"));
            return;
        }

        // The query contains the session's password.
        var shown = text.Split('?')[0];
        try
        {
            await StreamProbe.GreetBridgeAsync(new Uri(text), options.Timeout).ConfigureAwait(false);
            report.Add(CheckResult.Ok(name, $"{shown} opens, the bridge says hello"));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or UriFormatException or ArgumentException)
        {
            report.Add(CheckResult.Failed(name, $"{shown}: {(e is OperationCanceledException ? "no answer" : e.Message)}", "PUBLIC_URL must be the address that users type, and a proxy in front must forward /colibri-ws with Upgrade and Connection"));
        }
    }

    private async Task CheckCallAsync(Uri webSocket, ParticipantOptions participant, IPAddress? localAddress)
    {
        await using var call = new CallProbe(webSocket, participant, localAddress, random, options.Timeout);
        var outcomes = await call.RunAsync(options.CallTime).ConfigureAwait(false);
        report.AddRange(CallRules.Judge(outcomes));
        if (outcomes.Any(o => o.Problem is not null)) return;
        var (dataChannel, overWebSocket, failure) = await call.ReadChannelsAsync().ConfigureAwait(false);
        report.Add(dataChannel
            ? CheckResult.Ok("channel (data)", "the bridge says hello over SCTP")
            : CheckResult.Failed("channel (data)", "no hello of the bridge over SCTP", "check the log of the media bridge"));
        if (overWebSocket is not { } opened) return;
        report.Add(opened
            ? CheckResult.Ok("channel (websocket)", "the bridge says hello over its WebSocket")
            : CheckResult.Failed("channel (websocket)", failure ?? "no hello of the bridge", "see colibri-ws above"));
    }

    private static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= 80 ? line : line[..77] + "...";
    }
}
