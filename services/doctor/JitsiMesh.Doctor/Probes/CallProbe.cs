using System.Net;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Doctor.Probes;

/// <summary>
/// A call of three over the same doors that browsers use. The first two have the bridge channel over SCTP, the third over a WebSocket, so that both are
/// tried.
/// </summary>
internal sealed class CallProbe(Uri webSocket, ParticipantOptions options, IPAddress? localAddress, IRandomSource random, TimeSpan timeout) : IAsyncDisposable
{
    private const int People = 3;
    private readonly UdpEndpointRunner _runner = new();
    private readonly List<HeadlessClient> _clients = [];

    /// <summary>A picture that costs a busy server nothing.</summary>
    private static HeadlessEndpointOptions Media { get; } = new()
    {
        FramesPerSecond = 15,
        AudioLevel = 40,
        Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(100))],
    };

    public async Task<IReadOnlyList<CallOutcome>> RunAsync(TimeSpan callTime)
    {
        var problems = new string?[People];
        for (var i = 0; i < People; i++) problems[i] = await JoinAsync(dataChannel: i < People - 1).ConfigureAwait(false);
        for (var i = 0; i < People; i++) problems[i] ??= await ConnectAsync(_clients[i]).ConfigureAwait(false);

        // Media flows from the first moment; what is counted begins when all are there.
        await Task.WhenAll(_clients.Select(c => c.WaitAsync(HearsAll, timeout))).ConfigureAwait(false);
        var before = _clients.Select(Count).ToList();
        await Task.Delay(callTime).ConfigureAwait(false);
        var after = _clients.Select(Count).ToList();
        return [.. _clients.Select((client, i) => new CallOutcome(
            i + 1,
            problems[i],
            client.ConnectedAt == MonotonicTime.Never ? TimeSpan.Zero : client.ConnectedAt - client.Read(p => p.OfferedAt),
            after[i].Received - before[i].Received,
            after[i].Lost - before[i].Lost,
            [.. after[i].Others.Zip(before[i].Others, (a, b) => new Heard(a.Person, a.AudioPackets - b.AudioPackets, a.VideoFrames - b.VideoFrames))]))];
    }

    /// <summary>Whether the bridge said hello over SCTP, and over a WebSocket; null where the offer has none to try.</summary>
    public async Task<(bool DataChannel, bool? WebSocket, string? WebSocketFailure)> ReadChannelsAsync()
    {
        await Task.WhenAll(_clients.Select(c => c.WaitAsync(x => x.HasChannel || x.ChannelFailure is not null, timeout))).ConfigureAwait(false);
        var last = _clients[^1];
        var offered = last.Read(p => p.Session?.Contents.Any(c => c.Transport is IceUdpTransport { WebSockets.Count: > 0 }) == true);
        return (_clients[..^1].TrueForAll(c => c.HasChannel), offered ? last.HasChannel : null, last.ChannelFailure);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            if (client.Read(p => p.IsJoined)) client.Leave();
        }

        await Task.WhenAll(_clients.Select(c => c.DisposeAsync().AsTask())).ConfigureAwait(false);
        _runner.Dispose();
    }

    private async Task<string?> JoinAsync(bool dataChannel)
    {
        var person = options with { DisplayName = FormattableString.Invariant($"doctor {_clients.Count + 1}"), DataChannel = dataChannel };
        var client = new HeadlessClient(
            new HeadlessClientOptions { WebSocket = webSocket, Participant = person, Media = Media, LocalAddress = localAddress, TrustAnyCertificate = true },
            _runner,
            random);
        _clients.Add(client);
        return await Joining.JoinAsync(client, timeout).ConfigureAwait(false) is { } problem ? "does not get into the room: " + problem : null;
    }

    private async Task<string?> ConnectAsync(HeadlessClient client)
    {
        if (!await client.WaitAsync(c => c.Read(p => p.Session is not null), timeout).ConfigureAwait(false)) return "is offered no session";
        if (await client.WaitAsync(c => c.IsMediaConnected, timeout).ConfigureAwait(false)) return null;
        var failure = client.ReadMedia(e => e.Failure.ToString(), "no endpoint");
        return FormattableString.Invariant($"gets no media connection within {timeout.TotalSeconds:0} s (ICE or DTLS: {failure})");
    }

    private bool HearsAll(HeadlessClient client) => Others(client).All(o => client.AudioFrom(o.Nick) > 0 && client.FramesFrom(o.Nick) > 0);

    private (long Received, long Lost, IReadOnlyList<Heard> Others) Count(HeadlessClient client)
    {
        var (received, lost) = client.ReadMedia(e => (e.Streams.Values.Sum(s => s.Packets), e.Streams.Values.Sum(s => s.Lost)), (0L, 0L));
        return (received, lost, [.. Others(client).Select(o => new Heard(_clients.IndexOf(o) + 1, client.AudioFrom(o.Nick), client.FramesFrom(o.Nick)))]);
    }

    private IEnumerable<HeadlessClient> Others(HeadlessClient client) => _clients.Where(c => c != client);
}
