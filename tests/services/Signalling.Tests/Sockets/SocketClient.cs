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
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await _socket.ReceiveAsync(_buffer.AsMemory(length), limit.Token);
                if (result.MessageType == WebSocketMessageType.Close) return null;
                length += result.Count;
            }
            while (!result.EndOfMessage);
            var element = XmppParser.Parse(Encoding.UTF8.GetString(_buffer, 0, length));
            if (Pattern.Matches(expected, element)) return element;
        }
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
