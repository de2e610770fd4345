using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>Gets a publisher and subscribers into one VideoRoom of Janus, by its REST interface and SDP.</summary>
internal sealed class JanusRoom : IDisposable
{
    private const string Plugin = "janus.plugin.videoroom";
    private const byte Vp8 = 96;
    private const byte Rtx = 97;
    private const int TransportCc = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http = new();
    private readonly LoadEngine _engine;
    private readonly Uri _api;
    private readonly Dictionary<string, TaskCompletionSource<JsonObject>> _waiting = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private string _session = "";

    private JanusRoom(LoadEngine engine, Uri api)
    {
        _engine = engine;
        _api = api;
    }

    public LoadRoom Room { get; private set; } = null!;

    public static async Task<JanusRoom> JoinAsync(LoadEngine engine, Uri api, string name, int receivers)
    {
        var janus = new JanusRoom(engine, api);
        janus._session = await janus.CreateAsync("", new JsonObject { ["janus"] = "create" });
        _ = janus.PollAsync();
        var clients = new List<LoadClient>();
        var (sender, feed) = await janus.PublishAsync();
        clients.Add(sender);
        await engine.WaitAsync("the publisher connects to Janus", () => sender.Link.IsConnected, Limit);
        for (var i = 0; i < receivers; i++) clients.Add(await janus.SubscribeAsync(feed));
        await engine.WaitAsync("every subscriber connects to Janus", () => clients.TrueForAll(c => c.Link.IsConnected), Limit);
        janus.Room = engine.Form(name, clients);
        return janus;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task<(LoadClient Client, string Feed)> PublishAsync()
    {
        var handle = await AttachAsync();
        await SendAsync(handle, new JsonObject { ["request"] = "create", ["room"] = 1, ["publishers"] = 2, ["bitrate"] = 0, ["videocodec"] = "vp8", ["audiocodec"] = "opus" }, null);
        var joined = await AskAsync(handle, new JsonObject { ["request"] = "join", ["ptype"] = "publisher", ["room"] = 1, ["display"] = "sender" }, null);
        var feed = Data(joined)["id"]!.ToString();

        var socket = new LoadSocket(HostAddress.Value, 0);
        var link = new WebRtcLink(socket.Local, controlling: true, null);
        var ssrc = SecureRandomSource.Instance.NextUInt32();
        var client = new LoadClient(socket, link, ssrc) { Formats = new LoadFormats(Vp8, TransportCc), Feed = new VideoFeed(ssrc, Vp8, TransportCc) };
        var offer = SessionDescription.Offer(link, ssrc, Vp8, Rtx, TransportCc);
        var answer = await AskAsync(handle, new JsonObject { ["request"] = "publish", ["audio"] = false, ["video"] = true }, new JsonObject { ["type"] = "offer", ["sdp"] = offer });
        var description = SessionDescription.Parse(answer["jsep"]?["sdp"]?.ToString() ?? throw new InvalidOperationException($"Janus took no publisher: {answer}"));
        Connect(client, link, description);
        return (client, feed);
    }

    private async Task<LoadClient> SubscribeAsync(string feed)
    {
        var handle = await AttachAsync();
        var offered = await AskAsync(handle, new JsonObject { ["request"] = "join", ["ptype"] = "subscriber", ["room"] = 1, ["streams"] = new JsonArray(new JsonObject { ["feed"] = JsonNode.Parse(feed) }) }, null);
        var description = SessionDescription.Parse(offered["jsep"]?["sdp"]?.ToString() ?? throw new InvalidOperationException($"Janus offered nothing: {offered}"));
        var socket = new LoadSocket(HostAddress.Value, 0);
        var link = new WebRtcLink(socket.Local, controlling: false, null);
        var client = new LoadClient(socket, link, SecureRandomSource.Instance.NextUInt32()) { Formats = new LoadFormats(description.Vp8PayloadType, description.TransportCcExtension) };
        Connect(client, link, description);
        await SendAsync(handle, new JsonObject { ["request"] = "start" }, new JsonObject { ["type"] = "answer", ["sdp"] = description.Answer(link) });
        return client;
    }

    private void Connect(LoadClient client, WebRtcLink link, SessionDescription remote)
    {
        _engine.Invoke(now => link.Connect(remote.Ufrag, remote.Password, remote.Candidates, [remote.Fingerprint], remote.Setup, now));
        _engine.Add(client);
    }

    private Task<string> AttachAsync() => CreateAsync(_session, new JsonObject { ["janus"] = "attach", ["plugin"] = Plugin });

    private async Task<string> CreateAsync(string path, JsonObject request)
    {
        var answer = await PostAsync(path, request);
        return "/" + answer["data"]!["id"];
    }

    /// <summary>Sends a request whose answer comes as an event.</summary>
    private async Task<JsonObject> AskAsync(string handle, JsonObject body, JsonObject? jsep)
    {
        var answer = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transaction = NewTransaction();
        lock (_gate) _waiting.Add(transaction, answer);
        await PostAsync(_session + handle, Message(body, jsep), transaction);
        var told = await answer.Task.WaitAsync(Limit);
        if (Data(told)["error"] is { } error) throw new InvalidOperationException($"Janus: {error}");
        return told;
    }

    private Task<JsonObject> SendAsync(string handle, JsonObject body, JsonObject? jsep) => PostAsync(_session + handle, Message(body, jsep));

    private static JsonObject Message(JsonObject body, JsonObject? jsep)
    {
        var message = new JsonObject { ["janus"] = "message", ["body"] = body };
        if (jsep is not null) message["jsep"] = jsep;
        return message;
    }

    private static JsonObject Data(JsonObject told) => (JsonObject)told["plugindata"]!["data"]!;

    private async Task<JsonObject> PostAsync(string path, JsonObject request, string? transaction = null)
    {
        request["transaction"] = transaction ?? NewTransaction();
        using var response = await _http.PostAsJsonAsync(new Uri(_api + path), request);
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        if (answer["janus"]?.ToString() == "error") throw new InvalidOperationException($"Janus: {answer["error"]}");
        return answer;
    }

    private async Task PollAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var text = await _http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"{_api}{_session}?maxev=10")), _stop.Token);
                foreach (var told in JsonNode.Parse(text) is JsonArray many ? many : [JsonNode.Parse(text)])
                {
                    if (told is not JsonObject { } item || item["transaction"]?.ToString() is not { } transaction) continue;
                    lock (_gate)
                    {
                        if (_waiting.Remove(transaction, out var waiting)) waiting.TrySetResult(item);
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            // The end of the room, or of Janus.
        }
    }

    private static string NewTransaction() => Guid.NewGuid().ToString("N");
}
