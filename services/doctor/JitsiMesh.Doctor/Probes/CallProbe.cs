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
/// A call of three over the public interfaces that browsers use. The first two participants use the bridge channel over SCTP, the third over a WebSocket if the bridge offers one,
/// so that both are tested.
/// </summary>
internal sealed class CallProbe(Uri webSocket, ParticipantOptions options, IPAddress? localAddress, IRandomSource random, TimeSpan timeout) : IAsyncDisposable
{
    private const int ParticipantCount = 3;
    private readonly UdpEndpointRunner _runner = new();
    private readonly List<HeadlessClient> _clients = [];

    /// <summary>A small video that puts no load on a busy server.</summary>
    private static HeadlessEndpointOptions Media { get; } = new()
    {
        FramesPerSecond = 15,
        AudioLevel = 40,
        Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(100))],
    };

    public async Task<IReadOnlyList<CallOutcome>> RunAsync(TimeSpan callTime)
    {
        var problems = new string?[ParticipantCount];
        for (var i = 0; i < ParticipantCount; i++) problems[i] = await JoinAsync(dataChannel: i < ParticipantCount - 1 || !await OffersWebSocketAsync().ConfigureAwait(false)).ConfigureAwait(false);
        for (var i = 0; i < ParticipantCount; i++) problems[i] ??= await ConnectAsync(_clients[i]).ConfigureAwait(false);

        // Media flows from the start; counting begins when all participants are connected.
        await Task.WhenAll(_clients.Select(c => c.WaitAsync(ReceivesAll, timeout))).ConfigureAwait(false);
        var before = _clients.Select(Count).ToList();
        await Task.Delay(callTime).ConfigureAwait(false);
        var after = _clients.Select(Count).ToList();
        return [.. _clients.Select((client, i) => new CallOutcome(
            i + 1,
            problems[i],
            client.ConnectedAt == MonotonicTime.Never ? TimeSpan.Zero : client.ConnectedAt - client.Read(p => p.OfferedAt),
            after[i].Received - before[i].Received,
            after[i].Lost - before[i].Lost,
            [.. after[i].Others.Zip(before[i].Others, (a, b) => new ReceivedMedia(a.Person, a.AudioPackets - b.AudioPackets, a.VideoFrames - b.VideoFrames))]))];
    }

    /// <summary>Whether the bridge sent its hello over SCTP, and over a WebSocket; null if the offer contains none.</summary>
    public async Task<(bool DataChannel, bool? WebSocket, string? WebSocketFailure)> ReadChannelsAsync()
    {
        await Task.WhenAll(_clients.Select(c => c.WaitAsync(x => x.HasChannel || x.ChannelFailure is not null, timeout))).ConfigureAwait(false);
        var last = _clients[^1];
        var offered = HasWebSocket(last);
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
        return await Joining.JoinAsync(client, timeout).ConfigureAwait(false) is { } problem ? "cannot join the room: " + problem : null;
    }

    // Without PUBLIC_URL there is none, and a participant without a bridge channel would learn of no source. The first participant gets its offer when the second has joined.
    private async Task<bool> OffersWebSocketAsync() =>
        await _clients[0].WaitAsync(c => c.Read(p => p.Session is not null), timeout).ConfigureAwait(false) && HasWebSocket(_clients[0]);

    private static bool HasWebSocket(HeadlessClient client) => client.Read(p => p.Session?.Contents.Any(c => c.Transport is IceUdpTransport { WebSockets.Count: > 0 }) == true);

    private async Task<string?> ConnectAsync(HeadlessClient client)
    {
        if (!await client.WaitAsync(c => c.Read(p => p.Session is not null), timeout).ConfigureAwait(false)) return "is offered no session";
        if (await client.WaitAsync(c => c.IsMediaConnected, timeout).ConfigureAwait(false)) return null;
        var failure = client.ReadMedia(e => e.Failure.ToString(), "no endpoint");
        return FormattableString.Invariant($"gets no media connection within {timeout.TotalSeconds:0} s (ICE or DTLS: {failure})");
    }

    private bool ReceivesAll(HeadlessClient client) => Others(client).All(o => client.AudioFrom(o.Nick) > 0 && client.FramesFrom(o.Nick) > 0);

    private (long Received, long Lost, IReadOnlyList<ReceivedMedia> Others) Count(HeadlessClient client)
    {
        var (received, lost) = client.ReadMedia(e => (e.Streams.Values.Sum(s => s.Packets), e.Streams.Values.Sum(s => s.Lost)), (0L, 0L));
        return (received, lost, [.. Others(client).Select(o => new ReceivedMedia(_clients.IndexOf(o) + 1, client.AudioFrom(o.Nick), client.FramesFrom(o.Nick)))]);
    }

    private IEnumerable<HeadlessClient> Others(HeadlessClient client) => _clients.Where(c => c != client);
}
