using System.Globalization;
using System.Text.RegularExpressions;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>
/// A call of three that goes on while something is done to the mesh, and what must hold meanwhile: media flows and can be decoded, nobody is dropped, no
/// exception comes out anywhere, memory stays where it was, and what was thrown away is counted.
/// </summary>
public sealed partial class CallUnderFire : IAsyncDisposable
{
    /// <summary>A machine that others use too may hold everybody up for this long.</summary>
    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(8);

    /// <summary>Of what is received; a full socket buffer of an overloaded machine drops for everybody.</summary>
    private const double MostLost = 0.05;

    private const long ManagedGrowth = 32L << 20;
    private const long NativeGrowth = 24L << 20;
    private const long WorkingSetGrowth = 160L << 20;

    private readonly Party _party;
    private readonly TestReport _report;
    private readonly List<string> _unobserved = [];
    private readonly CancellationTokenSource _over = new();
    private readonly int _errorsBefore;
    private TimeSpan _stall;

    private CallUnderFire(IMeshUnderTest mesh, string room, ulong seed, TestReport report)
    {
        Mesh = mesh;
        Room = room;
        Random = new SeededRandomSource(seed);
        _report = report;
        _party = new Party(mesh, seed);
        _errorsBefore = mesh.Log.Count(IsBad);
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    /// <summary>How many packets, frames or messages a whole attack has.</summary>
    public static int Shots => Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch { "full" => 100_000, "ci" => 10_000, _ => 5_000 };

    public IMeshUnderTest Mesh { get; }

    public string Room { get; }

    public IRandomSource Random { get; }

    /// <summary>The three.</summary>
    public IReadOnlyList<HeadlessClient> People => _party.Clients;

    /// <summary>Attacks, with a small part of it first so that what is made once does not count as growth.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="room">The call's room.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="metric">Beginning of the names of the counters that must rise.</param>
    /// <param name="least">By how many times the shots, at least.</param>
    /// <param name="report">Where numbers go.</param>
    /// <param name="attack">Fires so many shots.</param>
    public static async Task RunAsync(IMeshUnderTest mesh, string room, ulong seed, string metric, double least, TestReport report, Func<CallUnderFire, int, Task> attack)
    {
        await using var call = new CallUnderFire(mesh, room, seed, report);
        await call._party.JoinAsync(room, 3, Party.SteadyMedia);
        await call._party.ExpectMediaAsync(call.People);
        await attack(call, Math.Max(200, Shots / 20));
        await call.WatchAsync(metric, least, attack);
    }

    public Task ExpectAsync(string what, Func<bool> condition) => _party.ExpectAsync(what, condition);

    public void Say(FormattableString line) => _report.Line(line);

    public async ValueTask DisposeAsync()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        await _party.DisposeAsync();
        _over.Dispose();
    }

    private async Task WatchAsync(string metric, double least, Func<CallUnderFire, int, Task> attack)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        var counted = await CountersAsync();
        var (packets, lost, frames) = (Packets(), Lost(), Frames());
        var before = ProcessUse.AfterCollection();
        var watching = WatchForStallsAsync();
        await attack(this, Shots);
        var seconds = (UdpEndpointRunner.Now - before.At).TotalSeconds;
        await _over.CancelAsync();
        await watching;

        await _party.ExpectMediaAsync(People);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var after = ProcessUse.AfterCollection();
        var rises = (await CountersAsync()).Select(c => (c.Key, Rise: c.Value - counted.GetValueOrDefault(c.Key))).Where(c => c.Rise > 0).OrderByDescending(c => c.Rise).ToList();
        var sum = rises.Where(c => c.Key.StartsWith(metric, StringComparison.Ordinal)).Sum(c => c.Rise);
        var (got, gone) = (Packets() - packets, Lost() - lost);
        Say($"{Room}: {Shots} in {seconds:F1} s; the call got {got} packets, {gone} lost, longest stall {_stall.TotalSeconds:F1} s");
        Say($"  before: {before.Memory}");
        Say($"  after:  {after.Memory}");
        foreach (var (name, rise) in rises) Say($"  {name} +{rise}");

        foreach (var client in People)
        {
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
            Assert.Empty(client.History.OfType<ParticipantEvent.Terminated>());
            Assert.Equal(0, client.Read(p => p.Stream.Resumptions));
            Assert.All(People.Where(p => p != client), other => Assert.DoesNotContain(client.History.OfType<ParticipantEvent.OccupantLeft>(), l => l.Nick == other.Nick));
        }

        Assert.All(Frames(), f => Assert.True(f.Value > frames[f.Key], $"no frame of {f.Key}"));
        Assert.True(_stall < LongestStall, $"media stood for {_stall}");
        Assert.True(gone <= got * MostLost, $"{gone} of {got} lost");
        Assert.True(sum >= least * Shots, $"only {sum} of {Shots} counted");
        Assert.Empty(Errors());
        Assert.Empty(_unobserved);
        Assert.True(after.Managed - before.Managed < ManagedGrowth, "managed memory grew");
        Assert.True(after.Native - before.Native < NativeGrowth, "native memory grew");
        Assert.True(after.WorkingSet - before.WorkingSet < WorkingSetGrowth, "the working set grew");

        IEnumerable<LogLine> Errors() => Mesh.Log.Where(IsBad).Skip(_errorsBefore);
    }

    private static bool IsBad(LogLine line) => line.Level >= LogLevel.Error || (line.Level >= LogLevel.Warning && line.Exception is not null);

    private async Task WatchForStallsAsync()
    {
        var pairs = Pairs().ToDictionary(p => p, p => (Count: p.To.AudioFrom(p.From.Nick), Since: UdpEndpointRunner.Now));
        while (!_over.IsCancellationRequested)
        {
            await Task.Delay(100);
            foreach (var pair in Pairs())
            {
                var count = pair.To.AudioFrom(pair.From.Nick);
                var now = UdpEndpointRunner.Now;
                if (count > pairs[pair].Count) pairs[pair] = (count, now);
                else if (now - pairs[pair].Since > _stall) _stall = now - pairs[pair].Since;
            }
        }
    }

    private IEnumerable<(HeadlessClient From, HeadlessClient To)> Pairs() => People.SelectMany(from => People.Where(to => to != from).Select(to => (from, to)));

    private long Packets() => Pairs().Sum(p => Streams(p).Sum(s => s.Packets));

    private long Lost() => Pairs().Sum(p => Streams(p).Sum(s => s.Lost));

    private Dictionary<string, long> Frames() => Pairs().ToDictionary(p => $"{p.From.Nick} at {p.To.Nick}", p => p.To.FramesFrom(p.From.Nick));

    private static IEnumerable<Headless.Media.ReceivedStream> Streams((HeadlessClient From, HeadlessClient To) pair) =>
        pair.To.StreamsFrom(pair.From.Nick, MediaKind.Audio).Concat(pair.To.StreamsFrom(pair.From.Nick, MediaKind.Video));

    /// <summary>What the services refused and threw away, by reason.</summary>
    private async Task<Dictionary<string, long>> CountersAsync()
    {
        // The page is kept for a moment; and the bridge adds up twice a second.
        await Task.Delay(TimeSpan.FromSeconds(1));
        var found = new Dictionary<string, long>();
        foreach (Match match in Counter().Matches(await Mesh.InnerAsync("/metrics")))
        {
            var key = $"{match.Groups["name"].Value} {match.Groups["reason"].Value}";
            found[key] = found.GetValueOrDefault(key) + (long)double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);
        }

        return found;
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        lock (_unobserved) _unobserved.Add(e.Exception.ToString());
    }

    [GeneratedRegex("^(?<name>jitsimesh_bridge_dropped_packets_total|signalling_refused_total|signalling_sockets_closed_total|focus_events_total)\\{[^}]*(reason|event)=\"(?<reason>[^\"]+)\"[^}]*\\} (?<value>[0-9.eE+]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Counter();
}
