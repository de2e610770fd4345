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
/// Joining: from the opening of the page to the first decoded frame of somebody else, in two Chromium browsers through our web client; and, without
/// a browser, from the conference request to the session-initiate.
/// </summary>
internal sealed class JoinBenchmark : IBenchmark
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public string Name => "join";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        await using var mesh = await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value);
        var offer = await OfferAsync(context, mesh);
        var (frames, missing) = await BrowsersAsync(context, mesh);
        return
        [
            new Row("join: page opened to first decoded remote frame", missing ?? Table.Spread(frames, "ms"), "-", null, Budget.AtMost(1000, "< 1 s"), frames.Median),
            new Row("join: conference request to session-initiate", Table.Spread(offer, "ms"), "-", null, Budget.AtMost(50, "< 50 ms"), offer.Median),
        ];
    }

    // The second of a room gets its offer as soon as it is in; the first has been waiting for it.
    private static async Task<Samples> OfferAsync(BenchmarkContext context, AllInOneProcess mesh)
    {
        var samples = new Samples();
        using var runner = new UdpEndpointRunner();
        for (var round = 0; round < (context.Rounds * 4) + 3; round++)
        {
            await using var first = Client();
            await using var second = Client();
            await JoinAsync(first, c => c.Read(p => p.IsJoined));
            await JoinAsync(second, c => c.Read(p => p.Session is not null));
            var took = second.Read(p => p.OfferedAt - p.ConferenceRequestedAt).TotalMilliseconds;

            // The first ones meet code that was never run.
            if (round >= 3) samples.Add(took);

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

        context.Say($"conference request to session-initiate: {Table.Spread(samples, "ms")}");
        return samples;
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
