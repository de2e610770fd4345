using System.Text;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Headless participants of one scenario. Everything random in them comes from one seed.</summary>
public sealed class Party : IAsyncDisposable
{
    private readonly IMeshUnderTest _mesh;
    private readonly ulong _seed;
    private readonly List<HeadlessClient> _clients = [];

    public Party(IMeshUnderTest mesh, ulong seed, TimeSpan? maxWait = null)
    {
        _mesh = mesh;
        _seed = seed;
        Runner = new UdpEndpointRunner(maxWait);
    }

    /// <summary>A picture that two cores can carry many times.</summary>
    public static HeadlessEndpointOptions SmallMedia { get; } = new()
    {
        FramesPerSecond = 10,
        AudioLevel = 40,
        Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(60))],
    };

    /// <summary>The same, with receivers that say what their downlink carries: where the machine itself is the bottleneck, an estimate would find that out and take pictures away.</summary>
    public static HeadlessEndpointOptions SteadyMedia { get; } = SmallMedia with
    {
        ReceiverConstraints = """{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":720},"assumedBandwidthBps":20000000}""",
    };

    public UdpEndpointRunner Runner { get; }

    public IReadOnlyList<HeadlessClient> Clients => _clients;

    public HeadlessClient this[Index index] => _clients[index];

    /// <summary>Where the people's media comes from; loopback's usual address when null.</summary>
    public System.Net.IPAddress? MediaAddress { get; init; }

    /// <summary>Makes a client; it does nothing yet.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="media">What it sends; null for <see cref="SmallMedia"/>.</param>
    /// <param name="change">Other options than those of an ordinary participant.</param>
    /// <param name="webSocket">Another door than the mesh's own, for instance one signalling node's.</param>
    public HeadlessClient Add(string room, HeadlessEndpointOptions? media = null, Func<ParticipantOptions, ParticipantOptions>? change = null, Uri? webSocket = null)
    {
        var options = new ParticipantOptions { Domain = _mesh.Domain, MucDomain = _mesh.MucDomain, Room = room, DisplayName = $"Person {_clients.Count + 1}" };
        var client = new HeadlessClient(
            new HeadlessClientOptions { WebSocket = webSocket ?? _mesh.WebSocket, Participant = change?.Invoke(options) ?? options, Media = media ?? SmallMedia, TrustAnyCertificate = true, LocalAddress = MediaAddress },
            Runner,
            new SeededRandomSource(_seed + (ulong)_clients.Count));
        _clients.Add(client);
        return client;
    }

    /// <summary>Makes some clients and joins them one after another, so that who is first is known.</summary>
    public async Task JoinAsync(string room, int count, HeadlessEndpointOptions? media = null, Func<ParticipantOptions, ParticipantOptions>? change = null)
    {
        for (var i = 0; i < count; i++)
        {
            var client = Add(room, media, change);
            await client.JoinAsync();
            await ExpectAsync("joins", () => client.Read(p => p.IsJoined));
        }
    }

    /// <summary>Waits for what must happen.</summary>
    public async Task ExpectAsync(string what, Func<bool> condition, int seconds = 60)
    {
        for (var end = UdpEndpointRunner.Now + TimeSpan.FromSeconds(seconds); UdpEndpointRunner.Now < end;)
        {
            if (condition()) return;
            if (Runner.Failure is { } failure) throw new InvalidOperationException("The endpoints' thread failed.", failure);
            await Task.Delay(20);
        }

        if (!condition()) Assert.Fail($"Not within {seconds} s: {what}\n{Describe()}");
    }

    /// <summary>Everybody of a group gets more audio and more frames from everybody else than they have now.</summary>
    public async Task ExpectMediaAsync(IReadOnlyList<HeadlessClient> group, int packets = 25, int frames = 5, int seconds = 60)
    {
        var before = group.ToDictionary(g => g, g => group.Where(o => o != g).ToDictionary(o => o, o => (Audio: g.AudioFrom(o.Nick), Frames: g.FramesFrom(o.Nick))));
        foreach (var receiver in group)
        {
            await ExpectAsync(
                $"{receiver.Nick} gets media of all {group.Count - 1} others",
                () => before[receiver].All(o => (!Sends(o.Key, MediaKind.Audio) || receiver.AudioFrom(o.Key.Nick) >= o.Value.Audio + packets)
                    && (!Sends(o.Key, MediaKind.Video) || receiver.FramesFrom(o.Key.Nick) >= o.Value.Frames + frames)),
                seconds);
        }
    }

    public string Describe()
    {
        var text = new StringBuilder().AppendLine(FormattableString.Invariant($"seed {_seed}"));
        foreach (var client in _clients.Take(8))
        {
            text.AppendLine(client.Read(p => $"{p.Nick} in {p.Options.Room}: stream {p.Stream.Phase} {p.Stream.Failure}, joined {p.IsJoined}, {p.Role}, focus {p.SeesFocus}, session {p.Session?.Sid}, accepted {p.IsAccepted}, sees {p.Occupants.Count}"));
            text.AppendLine("  " + client.ReadMedia(
                e => $"connected {e.IsConnected} {e.Failure} {e.Profile}, hello {e.Channel.SawServerHello}, sent {e.RtpSent}, streams {e.Streams.Count}, mapped {e.Channel.Sources.Count}, "
                    + $"lost {e.Streams.Values.Sum(s => s.Lost)}, unknown {e.UnknownPackets}, last {e.Channel.Messages.LastOrDefault()}",
                "no endpoint") + $" channel {client.ChannelFailure}");
            foreach (var occurrence in client.History.Where(h => h is ParticipantEvent.Refused or ParticipantEvent.Terminated)) text.AppendLine("  " + occurrence);
        }

        foreach (var line in _mesh.Log.Where(l => l.Level >= Microsoft.Extensions.Logging.LogLevel.Warning).TakeLast(20)) text.AppendLine(line.ToString());
        return text.ToString();
    }

    /// <summary>All are gone at once and say nothing: sockets cut, media ended. The mesh has yet to notice.</summary>
    public void Vanish()
    {
        foreach (var client in _clients) client.Cut();
        Runner.Dispose();
        _clients.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(c => c.DisposeAsync().AsTask()));
        Runner.Dispose();
    }

    private static bool Sends(HeadlessClient client, MediaKind kind) =>
        client.Read(p => kind == MediaKind.Audio ? p.Options.SendsAudio && !p.Presence.AudioMuted : p.Options.SendsVideo && !p.Presence.VideoMuted);
}
