using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Kit.Clients;

/// <summary>
/// The client side of BOSH (XEP-0124, XEP-0206), written from the specifications: at most two requests, one of them always open, answers read in the order of their requests.
/// It takes the frames that a client would send over a WebSocket: <c>open</c> creates the session or restarts its stream, <c>close</c> ends it.
/// </summary>
public sealed class BoshWire : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(70);

    private readonly Uri _address;
    private readonly HttpClient _http;
    private readonly Channel<XmppElement> _received = Channel.CreateUnbounded<XmppElement>();
    private readonly SemaphoreSlim _slots = new(2, 2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationToken _ended;
    private Task _reading = Task.CompletedTask;
    private long _rid = Random.Shared.NextInt64(1, 1L << 40);
    private int _open;

    /// <param name="address">Of <c>/http-bind</c>, with its query.</param>
    /// <param name="handler">How requests go out; null for the usual way.</param>
    public BoshWire(Uri address, HttpMessageHandler? handler = null)
    {
        _address = address;
        _ended = _over.Token;
        _http = handler is null ? new HttpClient { Timeout = Patience } : new HttpClient(handler) { Timeout = Patience };
    }

    /// <summary>The received stanzas, without the bodies around them; completes with the session.</summary>
    public ChannelReader<XmppElement> Received => _received.Reader;

    /// <summary>The first answer's body; null before it.</summary>
    public XmppElement? Created { get; private set; }

    public string? SessionId => Created?["sid"];

    /// <summary>The number of the next request.</summary>
    public long NextRid => Volatile.Read(ref _rid);

    /// <summary>The condition with which the session was ended; empty for none.</summary>
    public string? Ended { get; private set; }

    /// <summary>The session is over, and all its answers are read.</summary>
    public Task Completion => _received.Reader.Completion;

    public static string Body(string attributes, string payload = "") => payload.Length == 0
        ? $"<body xmlns='{Namespaces.HttpBind}' {attributes}/>"
        : $"<body xmlns='{Namespaces.HttpBind}' {attributes}>{payload}</body>";

    /// <summary>Sends a frame, or several stanzas at once.</summary>
    /// <exception cref="OperationCanceledException">This client was disposed.</exception>
    public async Task SendAsync(string frames)
    {
        if (frames.StartsWith("<open ", StringComparison.Ordinal))
        {
            var to = XmppParser.Parse(frames)["to"];
            var stream = $"to='{to}' xml:lang='en' xmlns:xmpp='{Namespaces.XmppBosh}' ";
            if (Created is null) await PostAsync(stream + "wait='60' hold='1' ver='1.6' content='text/xml; charset=utf-8' xmpp:version='1.0'", "", isFirst: true);
            else await PostAsync(stream + "xmpp:restart='true'", "");
        }
        else if (frames.StartsWith("<close ", StringComparison.Ordinal))
        {
            await PostAsync("type='terminate'", "");
        }
        else
        {
            await PostAsync("", frames);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        // A request that is being sent now still returns its turn: only then is the reader of the last answer known, and nothing is released after its disposal.
        await _turn.WaitAsync();
        await _reading;
        _received.Writer.TryComplete();
        _http.Dispose();
        _over.Dispose();
        _slots.Dispose();
        _turn.Dispose();
    }

    private async Task PostAsync(string attributes, string payload, bool isFirst = false)
    {
        try
        {
            await _slots.WaitAsync(_ended);
            await _turn.WaitAsync(_ended);
        }
        catch (ObjectDisposedException)
        {
            throw new OperationCanceledException(_ended);
        }

        Task reading;
        try
        {
            var rid = string.Create(CultureInfo.InvariantCulture, $"rid='{_rid++}' ");
            Interlocked.Increment(ref _open);
            var content = new StringContent(Body(rid + (isFirst ? "" : $"sid='{SessionId}' ") + attributes, payload), Encoding.UTF8);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/xml; charset=utf-8");
            reading = _reading = ReadAsync(_reading, _http.PostAsync(_address, content, _ended));
        }
        finally
        {
            _turn.Release();
        }

        // The session's id is in the first answer.
        if (isFirst) await reading;
    }

    private async Task ReadAsync(Task before, Task<HttpResponseMessage> request)
    {
        XmppElement body;
        try
        {
            using var answer = await request;
            var text = await answer.Content.ReadAsStringAsync();
            await before;
            if (!XmppParser.TryParse(text, out body, out _)) body = new XmppElement("body", Namespaces.HttpBind, ("type", "terminate"), ("condition", $"http-{(int)answer.StatusCode}"));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            await before;
            body = new XmppElement("body", Namespaces.HttpBind, ("type", "terminate"), ("condition", "request-failed"));
        }

        Created ??= body;
        foreach (var element in body.Elements) _received.Writer.TryWrite(element);
        if (body["type"] == "terminate")
        {
            Ended ??= body["condition"] ?? "";
            _received.Writer.TryComplete();
        }

        _slots.Release();
        if (Interlocked.Decrement(ref _open) == 0 && Ended is null) _ = PollAsync();
    }

    private async Task PollAsync()
    {
        try
        {
            if (Volatile.Read(ref _open) == 0) await PostAsync("", "");
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}
