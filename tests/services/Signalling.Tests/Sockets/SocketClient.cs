using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>A client over a real WebSocket, with the stock client's order of things.</summary>
public sealed class SocketClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[256 * 1024];

    public string FullJid { get; private set; } = "";

    public string Nick => FullJid[..8];

    public string ResumeId { get; private set; } = "";

    /// <summary>Stanzas got since stream management was enabled, over all sockets of the session: its h.</summary>
    public uint Handled { get; private set; }

    /// <summary>The bodies of messages got so far.</summary>
    public List<string> Bodies { get; } = [];

    /// <summary>From whom an unavailable presence came so far.</summary>
    public List<string> Left { get; } = [];

    public WebSocketState State => _socket.State;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? SubProtocol => _socket.SubProtocol;

    public static async Task<SocketClient> DialAsync(int port, string path = "/xmpp-websocket?room=call")
    {
        var client = new SocketClient();
        client._socket.Options.AddSubProtocol("xmpp");
        using var limit = new CancellationTokenSource(Patience);
        await client._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}{path}"), limit.Token);
        return client;
    }

    public static async Task<SocketClient> ConnectAsync(int port, string path = "/xmpp-websocket?room=call")
    {
        var client = await DialAsync(port, path);
        await client.LogInAsync();
        await client.SendAsync("<iq type='set' id='_bind_auth_2'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        client.FullJid = (await client.UntilAsync("<iq type='result' id='_bind_auth_2'/>")).Child("bind")!.Child("jid")!.Text;
        await client.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        client.ResumeId = (await client.UntilAsync("<enabled xmlns='urn:xmpp:sm:3'/>"))["id"]!;
        return client;
    }

    public async Task LogInAsync()
    {
        const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>";
        await SendAsync(Open);
        await UntilAsync("<features xmlns='http://etherx.jabber.org/streams'/>");
        await SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        await UntilAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await SendAsync(Open);
        await UntilAsync("<features xmlns='http://etherx.jabber.org/streams'/>");
    }

    public async Task JoinAsync(string room)
    {
        await SendAsync($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        await UntilAsync("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
        await SendAsync($"<presence to='{room}/{Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await UntilAsync("<message type='groupchat'><subject/></message>");
    }

    public async Task SendAsync(string xml)
    {
        using var limit = new CancellationTokenSource(Patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(World.WithClientNamespace(xml)), WebSocketMessageType.Text, true, limit.Token);
    }

    /// <summary>Reads until a stanza matches; null when the socket closes before.</summary>
    public async Task<XmppElement?> TryUntilAsync(string pattern)
    {
        var expected = XmppParser.Parse(World.WithClientNamespace(pattern));
        using var limit = new CancellationTokenSource(Patience);
        while (await NextAsync(limit.Token) is { } element)
        {
            if (Pattern.Matches(expected, element)) return element;
        }

        return null;
    }

    private async Task<XmppElement?> NextAsync(CancellationToken cancellation)
    {
        var length = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
            if (result.MessageType == WebSocketMessageType.Close) return null;
            length += result.Count;
        }
        while (!result.EndOfMessage);
        var element = XmppParser.Parse(Encoding.UTF8.GetString(_buffer, 0, length));
        Note(element);
        return element;
    }

    private void Note(XmppElement element)
    {
        if (ResumeId.Length > 0 && element.Name is "iq" or "presence" or "message") Handled++;
        if (element.Child("body")?.Text is { } body) Bodies.Add(body);
        if (element is { Name: "presence" } && element["type"] == "unavailable") Left.Add(element["from"]!);
        if (element.Name == "enabled") ResumeId = element["id"]!;
    }

    /// <summary>Logs in by a new socket and asks for a session of an old one. What comes is <c>resumed</c> or <c>failed</c>.</summary>
    /// <param name="port">Of the node.</param>
    /// <param name="lost">Whose socket is gone.</param>
    /// <param name="named">Whether the address names the session too, as clients do.</param>
    public static async Task<(SocketClient Client, XmppElement Answer)> ResumeAsync(int port, SocketClient lost, bool named = true)
    {
        var client = await DialAsync(port, named ? $"/xmpp-websocket?room=call&previd={lost.ResumeId}" : "/xmpp-websocket?room=call");
        await client.LogInAsync();
        (client.FullJid, client.ResumeId, client.Handled) = (lost.FullJid, lost.ResumeId, lost.Handled);
        client.Bodies.AddRange(lost.Bodies);
        await client.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='{lost.Handled}' previd='{lost.ResumeId}'/>");
        using var limit = new CancellationTokenSource(Patience);
        while (await client.NextAsync(limit.Token) is { } answer)
        {
            if (answer.Name is "resumed" or "failed") return (client, answer);
        }

        throw new Xunit.Sdk.XunitException("The socket closed before it was resumed.");
    }

    public async Task<XmppElement> UntilAsync(string pattern) =>
        await TryUntilAsync(pattern) ?? throw new Xunit.Sdk.XunitException($"The socket closed before\n  {pattern}");

    /// <summary>Cuts the connection without a word.</summary>
    public void Cut() => _socket.Abort();

    public async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
    }

    public void Dispose() => _socket.Dispose();
}
