using System.Net;
using System.Text.Json;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Kit.Processes;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Every service its own process over RabbitMQ and Redis.</summary>
public sealed class ClusterMesh(ClusterProcess cluster) : IMeshUnderTest, IAsyncDisposable
{
    public ClusterProcess Cluster => cluster;

    public Uri WebSocket => new($"wss://localhost:{cluster.HttpsPort}/xmpp-websocket");

    public Uri PlainHttp => new($"http://127.0.0.1:{cluster.HttpsPort + 1}/");

    public string Domain => "meet.jitsi";

    public string MucDomain => "muc.meet.jitsi";

    public IPEndPoint Media => new(IPAddress.Loopback, cluster.MediaPort);

    public IReadOnlyList<LogLine> Log => [.. cluster.Log().Select(entry => new LogLine(LevelOf(entry.Line), entry.Service, entry.Line, null))];

    public Task<string> InnerAsync(string path) => cluster.InnerAsync("edge-proxy-1", path);

    /// <summary>The services of one kind.</summary>
    public IReadOnlyList<string> Nodes(string service) => [.. cluster.InnerPorts.Keys.Where(name => name.StartsWith(service + "-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The focus node that owns a room's conference.</summary>
    public Task<string> FocusOfAsync(string room) => OwnerAsync("focus", "conferences", room);

    /// <summary>The signalling node that owns a room; somebody must be in it.</summary>
    public Task<string> SignallingOfAsync(string room) => OwnerAsync("signalling", "rooms", room);

    /// <summary>One signalling node's own door, past the edge.</summary>
    public Uri SignallingSocket(string node) => new($"ws://127.0.0.1:{cluster.InnerPorts[node]}/xmpp-websocket");

    /// <summary>The bridge that a client's media is on, by the candidates of its last offer.</summary>
    public string BridgeOf(HeadlessClient client)
    {
        var offer = client.History.OfType<Headless.Participants.ParticipantEvent.Offered>().Last().Offer;
        var port = offer.Contents.SelectMany(content => content.Transport?.Candidates ?? []).First(candidate => candidate.Protocol == "udp").Port;
        return FormattableString.Invariant($"media-bridge-{port - cluster.MediaPort + 1}");
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private async Task<string> OwnerAsync(string service, string list, string room)
    {
        foreach (var node in Nodes(service))
        {
            string text;
            try
            {
                text = await cluster.InnerAsync(node, "/debug/" + service);
            }
            catch (HttpRequestException)
            {
                // Killed, and not back yet.
                continue;
            }

            using var page = JsonDocument.Parse(text);
            if (page.RootElement.GetProperty(list).EnumerateArray().Any(entry => entry.GetProperty("room").GetString()!.StartsWith(room + "@", StringComparison.Ordinal))) return node;
        }

        throw new InvalidOperationException($"No {service} has {room}.");
    }

    /// <summary>The level of a line as the console prints it.</summary>
    internal static LogLevel LevelOf(string line) =>
        line.Contains(" fail: ", StringComparison.Ordinal) ? LogLevel.Error
        : line.Contains(" crit: ", StringComparison.Ordinal) ? LogLevel.Critical
        : line.Contains(" warn: ", StringComparison.Ordinal) ? LogLevel.Warning
        : LogLevel.Information;
}
