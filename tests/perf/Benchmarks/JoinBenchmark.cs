using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>
/// Joining: from opening the page to the first decoded frame of another participant, in two Chromium browsers with the web client; and, without a browser, from the conference
/// request to the session-initiate.
/// </summary>
internal sealed class JoinBenchmark : IBenchmark
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public string Name => "join";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        await using var mesh = await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value);
        var (offer, before) = await OffersAsync(context, mesh);
        var (frames, missing) = await BrowsersAsync(context, mesh);
        List<Row> rows =
        [
            new Row("join: page opened to first decoded remote frame", missing ?? Table.Spread(frames, "ms"), "-", null, Budget.AtMost(1000, "< 1 s"), frames.Median),
            new Row("join: conference request to session-initiate", Table.Spread(offer, "ms"), "-", null, Budget.AtMost(50, "< 50 ms"), offer.Median),
        ];
        if (before.Count > 0) rows.Add(new Row("the same; the other build", Table.Spread(offer, "ms"), Table.Spread(before, "ms"), offer.Median / before.Median, Budget.AtMost(1.05, "<= 1.05"), offer.Median / before.Median));
        return rows;
    }

    // The first ones meet code that was never run, and the next ones code that is not yet compiled well.
    private const int WarmRounds = 40;

    private static async Task<(Samples Ours, Samples Before)> OffersAsync(BenchmarkContext context, AllInOneProcess mesh)
    {
        var (ours, past) = (new Samples(), new Samples());
        await using var before = context.Against is { } program ? await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value, program) : null;
        using var runner = new UdpEndpointRunner();
        for (var round = -WarmRounds; round < context.Rounds * 8; round++)
        {
            await OfferAsync(mesh, runner, round, ours);
            if (before is not null) await OfferAsync(before, runner, round, past);
        }

        context.Say($"conference request to session-initiate: {Table.Spread(ours, "ms")}");
        return (ours, past);
    }

    // The second participant of a room gets its offer as soon as it has joined; the first has been waiting for it.
    private static async Task OfferAsync(AllInOneProcess mesh, UdpEndpointRunner runner, int round, Samples samples)
    {
        await using var first = Client();
        await using var second = Client();
        await JoinAsync(first, c => c.Read(p => p.IsJoined));
        await JoinAsync(second, c => c.Read(p => p.Session is not null));

        if (round >= 0) samples.Add(second.Read(p => p.OfferedAt - p.ConferenceRequestedAt).TotalMilliseconds);

        HeadlessClient Client() => new(
            new HeadlessClientOptions
            {
                WebSocket = mesh.WebSocket,
                LocalAddress = HostAddress.Value,
                Participant = new ParticipantOptions { Room = string.Create(CultureInfo.InvariantCulture, $"join{round}") },
            },
            runner,
            SecureRandomSource.Instance);
    }

    private static async Task JoinAsync(HeadlessClient client, Func<HeadlessClient, bool> done)
    {
        await client.JoinAsync();
        if (!await client.WaitAsync(done, Limit)) throw new TimeoutException("A headless participant could not join.");
    }

    private static async Task<(Samples Frames, string? Missing)> BrowsersAsync(BenchmarkContext context, AllInOneProcess mesh)
    {
        var frames = new Samples();
        if (!Tree.Has("chromium") || !Tree.Has("node")) return (frames, "(missing: chromium or node)");
        var start = new ProcessStartInfo("node", [Tree.Path("tests", "perf", "browser", "join.mjs"), mesh.Url, Text(context.Rounds + 1)]) { RedirectStandardOutput = true };
        using var node = Process.Start(start)!;
        var first = true;
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            var times = JsonSerializer.Deserialize<Dictionary<string, double>>(line)!;
            context.Say("browser: " + string.Join(", ", times.OrderBy(t => t.Value).Select(t => $"{t.Key} {Table.Number(t.Value)} ms")));

            // The first fills the caches of disk and runtime.
            if (!first) frames.Add(times["frame"]);
            first = false;
        }

        await node.WaitForExitAsync();
        return (frames, node.ExitCode == 0 ? null : frames.Count == 0 ? "(the browsers failed)" : Table.Spread(frames, "ms") + " (the browsers failed half-way)");
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
