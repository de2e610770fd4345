using System.Net;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Jingle;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Tests.Conferences;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Tests.Networks;

/// <summary>A complete bridge on real sockets, with headless clients; this class acts as focus.</summary>
internal sealed class RealBridge : ILogger<MediaBridgeRuntime>, IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly SeededRandomSource _random = new(4711);
    private readonly List<string> _log = [];

    /// <summary>Opens the sockets on the calling thread, in whose network namespace they stay.</summary>
    public RealBridge(Action<MediaBridgeOptions>? configure = null)
    {
        var options = new MediaBridgeOptions { BridgeId = "jvb-1", BindAddresses = [IPAddress.Loopback], Port = 0, TcpPort = 0 };
        configure?.Invoke(options);
        Runtime = new MediaBridgeRuntime(options, _random, TimeProvider.System, this);
        Runtime.Start();
    }

    public MediaBridgeRuntime Runtime { get; }

    public UdpEndpointRunner Runner { get; } = new();

    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log) return [.. _log];
        }
    }

    public Task<T> Ask<T>(Func<BridgeShard, T> question) => Runtime.Ask((shard, _) => question(shard))!.WaitAsync(Patience);

    /// <summary>The bridge's offer to an ordinary client, as "protocol address:port type".</summary>
    public Task<string[]> OfferedAsync() => Ask(shard => shard.Candidates.For(mayKnowPrivate: false, generation: 0).Select(c => $"{c.Protocol} {c.Address.ToIPEndPoint()} {c.Type}").ToArray());

    /// <summary>Joins a client to the call.</summary>
    /// <param name="id">The id of its endpoint.</param>
    /// <param name="ways">The candidates that it uses.</param>
    /// <param name="address">Its local address; loopback when null.</param>
    /// <param name="run">Runs the opening of sockets in another network; null for this one.</param>
    /// <param name="blocked">UDP is blocked before the first packet.</param>
    public async Task<HeadlessEndpoint> JoinAsync(string id, MediaWays ways, IPAddress? address = null, Func<Func<Task<HeadlessEndpoint>>, Task<HeadlessEndpoint>>? run = null, bool blocked = false)
    {
        var options = new HeadlessEndpointOptions { Id = id, AudioLevel = 30, Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(300))] };
        Task<HeadlessEndpoint> Open() => Task.FromResult(Runner.Add(options, _random, address));
        var endpoint = await (run is null ? Open() : run(Open));
        if (blocked) Runner.BlockUdp(endpoint, true);
        var create = BridgeCall.Request(c => c.Endpoints.Add(BridgeCall.Create(options, rewriting: true, visitor: false)));
        var described = (await ModifyAsync(create)).Endpoints.Single().Transport;
        var candidates = described.Candidates.Select(Read).Where(c => c.Address.IsIPv4 == (address is null || address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)).ToList();
        Runner.Invoke(now => endpoint.Connect(
            described.Ufrag,
            described.Password,
            candidates.Where(c => !c.Address.IsTcp && ways.HasFlag(MediaWays.Udp)),
            [.. described.Fingerprints.Select(f => new Dtls.Fingerprint(f.Hash, f.Value))],
            now));
        foreach (var candidate in candidates.Where(c => c.Address.IsTcp && ways.HasFlag(c.Protocol == "ssltcp" ? MediaWays.SslTcp : MediaWays.Tcp)))
        {
            // The first part, which opens the socket, runs on the caller's thread.
            Task<HeadlessEndpoint> Connect() => Runner.ConnectAsync(endpoint, candidate, address, TimeSpan.FromSeconds(5)).ContinueWith(_ => endpoint, TaskScheduler.Default);
            await (run is null ? Connect() : run(Connect));
        }

        await ModifyAsync(BridgeCall.Request(r => r.Endpoints.Add(BridgeCall.Accept(endpoint, options, visitor: false))));
        return endpoint;
    }

    public Task<ModifyConferenceResponse> ModifyAsync(ModifyConferenceRequest request) => Ask(shard =>
    {
        request.Create = shard.FindByMeeting(request.MeetingId) is null;
        var (response, failure) = ConferenceModifier.Modify(shard, request, overloaded: false, Runtime.Now);
        return response ?? throw new InvalidOperationException(failure?.ToString());
    });

    /// <summary>Opens additional connections to the bridge's TCP candidate, as a client does after its first ones broke.</summary>
    public async Task ReconnectAsync(HeadlessEndpoint endpoint)
    {
        var candidate = await Ask(shard => shard.Candidates.For(false, 0).First(c => c.Protocol == "tcp"));
        Assert.True(await Runner.ConnectAsync(endpoint, candidate, null, TimeSpan.FromSeconds(5)));
    }

    /// <summary>Waits until each client has received that many more packets and frames of the other.</summary>
    public async Task AssertFlowsAsync(HeadlessEndpoint a, HeadlessEndpoint b, int packets = 20, int frames = 10)
    {
        foreach (var receiver in new[] { a, b })
        {
            var (audio, video) = Runner.Invoke(_ => Count(receiver));
            Assert.True(
                await Runner.WaitAsync(() => Count(receiver) is var now && now.Audio >= audio + packets && now.Frames >= video + frames, Patience),
                $"{receiver.Id}: {Runner.Invoke(_ => Count(receiver))} after {(audio, video)}; {string.Join("; ", Log)}; {await DebugAsync()}");
        }
    }

    public static (long Audio, long Frames) Count(HeadlessEndpoint endpoint) =>
        (endpoint.Streams.Values.Where(s => !s.IsVideo).Sum(s => s.Packets), endpoint.Streams.Values.Where(s => s.IsVideo).Sum(s => s.DecodableFrames));

    /// <summary>The endpoint's media use TCP, as seen by the client.</summary>
    public bool IsOverTcp(HeadlessEndpoint endpoint) => Runner.Invoke(now => endpoint.TryGetSelectedPair(out var local, out _) && local.IsTcp);

    public Task<string> DebugAsync() => Runtime.Ask((shard, now) => System.Text.Encoding.UTF8.GetString(BridgeViews.Debug(shard, now)))!;

    public void Dispose()
    {
        Runner.Dispose();
        Runtime.Dispose();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_log) _log.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    private static Ice.Candidate Read(Candidate c) => IceDescriptions.TryFromJingle(
        new IceCandidate
        {
            Id = c.Id,
            Foundation = c.Foundation,
            Protocol = c.Protocol,
            Priority = c.Priority,
            Address = c.Address,
            Port = c.Port,
            Type = c.Type,
            TcpType = c.TcpType.Length > 0 ? c.TcpType : null,
        },
        out var read) ? read : throw new FormatException(c.ToString());
}
