using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Signalling.Tests.Sockets;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Handover;

/// <summary>A client that keeps both sides of stream management (XEP-0198), as the stock client does: it acknowledges, and after a resumption it sends again what the server has not handled.</summary>
internal sealed class TalkingClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<XmppElement> _received = new();
    private readonly Queue<string> _unacknowledged = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly string _fullJid;
    private readonly string _resumeId;
    private ClientWebSocket _socket;
    private Task _reading;
    private uint _acknowledged;
    private uint _handled;

    private TalkingClient(ClientWebSocket socket, string fullJid, string resumeId)
    {
        (_socket, _fullJid, _resumeId) = (socket, fullJid, resumeId);
        _reading = Task.Run(ReadAsync);
    }

    public string Nick => _fullJid[..8];

    /// <summary>All bodies, in the order in which they came.</summary>
    public IReadOnlyList<string> Bodies => [.. _received.Select(one => one.Child("body")?.Text).OfType<string>()];

    /// <summary>From whom an unavailable presence came.</summary>
    public IReadOnlyList<string> Left => [.. _received.Where(one => one is { Name: "presence" } && one["type"] == "unavailable").Select(one => one["from"]!)];

    /// <summary>The ids of the answers to questions.</summary>
    public IReadOnlyList<string> Answers => [.. _received.Where(one => one is { Name: "iq" } && one["type"] is "result" or "error").Select(one => one["id"]!)];

    /// <summary>The ids of questions of others, which it does not answer.</summary>
    public IReadOnlyList<string> Questions => [.. _received.Where(one => one is { Name: "iq" } && one["type"] is "get" or "set").Select(one => one["id"]!)];

    public static async Task<TalkingClient> JoinAsync(int port, string room)
    {
        var client = await ConnectAsync(port, "");
        await client.RawAsync("<iq type='set' id='_bind_auth_2'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        var jid = (await client.NextAsync("iq")).Child("bind")!.Child("jid")!.Text;
        await client.RawAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var talking = new TalkingClient(client.Socket, jid, (await client.NextAsync("enabled"))["id"]!);
        await talking.SendAsync($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        await talking.UntilAsync(() => talking.Answers.Contains("c"));
        await talking.SendAsync($"<presence to='{room}/{talking.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await talking.UntilAsync(() => talking._received.Any(one => one.Child("subject") is not null));
        return talking;
    }

    /// <summary>Sends a stanza, or keeps it until the stream is resumed.</summary>
    public async Task SendAsync(string stanza)
    {
        await _sending.WaitAsync();
        try
        {
            _unacknowledged.Enqueue(stanza);
            await TrySendAsync(stanza);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!holds())
        {
            if (limit.IsCancellationRequested) throw new Xunit.Sdk.XunitException($"It did not come. Bodies: {string.Join(' ', Bodies)}; answers: {string.Join(' ', Answers)}");
            await Task.Delay(5, CancellationToken.None);
        }
    }

    /// <summary>The server is dead: what it has sent is read, and nothing after it.</summary>
    public async Task LoseAsync()
    {
        for (var seen = -1; seen != _received.Count; await Task.Delay(60)) seen = _received.Count;
        _socket.Abort();
        await _reading;
    }

    /// <returns>The answer: resumed, or failed.</returns>
    public async Task<XmppElement> ResumeAsync(int port)
    {
        await _sending.WaitAsync();
        try
        {
            var (client, answer) = await AskAsync(port);
            if (answer.Name != "resumed") return answer;
            Acknowledge(answer["h"]!);
            _socket.Dispose();
            _socket = client.Socket;
            foreach (var stanza in _unacknowledged.ToList()) await TrySendAsync(stanza);
            _reading = Task.Run(ReadAsync);
            return answer;
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task<(Raw Client, XmppElement Answer)> AskAsync(int port)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var client = await ConnectAsync(port, $"&previd={_resumeId}");
            await client.RawAsync(string.Create(CultureInfo.InvariantCulture, $"<resume xmlns='urn:xmpp:sm:3' h='{_handled}' previd='{_resumeId}'/>"));
            // A node that does not have the session yet closes the stream, and the client tries again.
            if (await client.TryNextAsync(one => one.Name is "resumed" or "failed") is { } answer) return (client, answer);
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private void Acknowledge(string text)
    {
        var h = uint.Parse(text, CultureInfo.InvariantCulture);
        Assert.InRange(h - _acknowledged, 0u, (uint)_unacknowledged.Count);
        for (; _acknowledged != h; _acknowledged++) _unacknowledged.Dequeue();
    }

    private async Task TrySendAsync(string xml)
    {
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(World.WithClientNamespace(xml)), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // It is sent again when the stream is resumed.
        }
    }

    private async Task ReadAsync()
    {
        var raw = new Raw(_socket);
        while (await raw.TryNextAsync(static _ => true) is { } element)
        {
            if (element.Name is "iq" or "presence" or "message")
            {
                _handled++;
                _received.Enqueue(element);
            }
            else if (element.Name == "r")
            {
                await AnswerAsync();
            }
            else if (element.Name == "a")
            {
                await _sending.WaitAsync();
                Acknowledge(element["h"]!);
                _sending.Release();
            }
        }
    }

    private async Task AnswerAsync()
    {
        await _sending.WaitAsync();
        await TrySendAsync(string.Create(CultureInfo.InvariantCulture, $"<a xmlns='urn:xmpp:sm:3' h='{_handled}'/>"));
        _sending.Release();
    }

    /// <summary>What the server has not acknowledged is asked for.</summary>
    public async Task AskAcknowledgementAsync()
    {
        await _sending.WaitAsync();
        await TrySendAsync("<r xmlns='urn:xmpp:sm:3'/>");
        _sending.Release();
    }

    private static async Task<Raw> ConnectAsync(int port, string query)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        using var limit = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/xmpp-websocket?room=call{query}"), limit.Token);
        var raw = new Raw(socket);
        const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>";
        await raw.RawAsync(Open);
        await raw.NextAsync("features");
        await raw.RawAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        await raw.NextAsync("success");
        await raw.RawAsync(Open);
        await raw.NextAsync("features");
        return raw;
    }

    /// <summary>Elements of a socket.</summary>
    private sealed class Raw(ClientWebSocket socket)
    {
        private readonly byte[] _buffer = new byte[256 * 1024];

        public ClientWebSocket Socket => socket;

        public Task RawAsync(string xml) => socket.SendAsync(Encoding.UTF8.GetBytes(World.WithClientNamespace(xml)), WebSocketMessageType.Text, true, CancellationToken.None);

        public async Task<XmppElement> NextAsync(string name) => await TryNextAsync(one => one.Name == name) ?? throw new Xunit.Sdk.XunitException($"The socket closed before <{name}/>");

        /// <summary>The next element of a kind; null when the socket is gone.</summary>
        public async Task<XmppElement?> TryNextAsync(Func<XmppElement, bool> wanted)
        {
            try
            {
                while (true)
                {
                    var length = 0;
                    ValueWebSocketReceiveResult result;
                    do
                    {
                        result = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
                        if (result.MessageType == WebSocketMessageType.Close) return null;
                        length += result.Count;
                    }
                    while (!result.EndOfMessage);
                    var element = XmppParser.Parse(Encoding.UTF8.GetString(_buffer, 0, length));
                    if (wanted(element)) return element;
                }
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                return null;
            }
        }
    }
}
