using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Kit.Clients;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>
/// A client at the door: logs in as it is told to, asks for the conference, joins the room, and says what it was told, in the words of the table in docs/authentication.md. Null stands
/// for "no refusal".
/// </summary>
internal sealed class LoginClient : IAsyncDisposable
{
    public const string Machine = "machine-of-this-client";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly BoshWire? _bosh;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Channel<XmppElement> _received = Channel.CreateUnbounded<XmppElement>();
    private Task _reading = Task.CompletedTask;
    private string _host = "";
    private int _ids;

    private LoginClient(Uri address) => _bosh = address.Scheme is "http" or "https" ? new BoshWire(address) : null;

    public Jid Jid { get; private set; } = null!;

    /// <summary>What the host offered.</summary>
    public IReadOnlyList<string> Mechanisms { get; private set; } = [];

    /// <summary>Given by focus for a login.</summary>
    public string? SessionId { get; private set; }

    public string? Identity { get; private set; }

    /// <summary>The role of the last presence of its own.</summary>
    public string Role { get; private set; } = "none";

    /// <summary>Presence of the room with the words of its items, for whoever wants to look.</summary>
    public XmppElement? SelfPresence { get; private set; }

    private string Nick => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Jid.ToString())))[..8];

    /// <param name="door">The mesh's, or one node's: a WebSocket's address, or that of BOSH.</param>
    /// <param name="room">Of the address.</param>
    /// <param name="token">Of the address, or null.</param>
    public static async Task<LoginClient> OpenAsync(Uri door, string room, string? token = null)
    {
        var address = new UriBuilder(door) { Query = $"room={room}" + (token is null ? "" : "&token=" + Uri.EscapeDataString(token)) }.Uri;
        var client = new LoginClient(address);
        if (client._bosh is not null)
        {
            client._reading = client.ReadAllAsync(client._bosh);
            return client;
        }

        client._socket.Options.AddSubProtocol("xmpp");
        using var limit = new CancellationTokenSource(Patience);
        await client._socket.ConnectAsync(address, limit.Token);
        client._reading = client.ReadAllAsync();
        return client;
    }

    /// <summary>Opens a stream, logs in, binds.</summary>
    /// <returns><c>login: CONDITION "TEXT"</c>, or <c>stream: CONDITION</c>.</returns>
    public async Task<string?> LogInAsync(string host, string mechanism = "ANONYMOUS", string user = "", string password = "")
    {
        if (_host != host && await DescribeAsync(host) is { } refused) return refused;
        var scram = mechanism.StartsWith("SCRAM", StringComparison.Ordinal) ? new ScramClient(mechanism, user, password, Guid.NewGuid().ToString("N")) : null;
        var first = scram?.First ?? (mechanism == "PLAIN" ? Encoding.UTF8.GetBytes($"\0{user}\0{password}") : []);
        await SendAsync($"<auth xmlns='{Namespaces.Sasl}' mechanism='{mechanism}'>{Convert.ToBase64String(first)}</auth>");
        var answer = await NextAsync(e => e.Namespace == Namespaces.Sasl || IsStreamError(e));
        if (answer.Name == "challenge" && scram is not null)
        {
            await SendAsync($"<response xmlns='{Namespaces.Sasl}'>{Convert.ToBase64String(scram.Final(Convert.FromBase64String(answer.Text)))}</response>");
            answer = await NextAsync(e => e.Namespace == Namespaces.Sasl || IsStreamError(e));
            if (answer.Name == "success") Assert.True(scram.Knows(Convert.FromBase64String(answer.Text)));
        }

        if (answer.Name != "success") return IsStreamError(answer) ? StreamError(answer) : "login: " + Condition(answer.Elements.First().Name, answer.Child("text", Namespaces.Sasl)?.Text);
        await SendAsync(XmppFraming(host));
        await NextAsync(e => e.Name == "features");
        var bound = await AskAsync("set", null, new XmppElement("bind", Namespaces.Bind));
        Jid = Jid.Parse(bound.Child("bind", Namespaces.Bind)!.Child("jid")!.Text);
        return null;
    }

    /// <summary>Opens a stream and learns the mechanisms.</summary>
    public async Task<string?> DescribeAsync(string host)
    {
        _host = host;
        await SendAsync(XmppFraming(host));
        var features = await NextAsync(e => e.Name == "features" || IsStreamError(e));
        if (IsStreamError(features)) return StreamError(features);
        Mechanisms = [.. features.Child("mechanisms", Namespaces.Sasl)!.Children("mechanism").Select(m => m.Text)];
        return null;
    }

    /// <summary>Asks focus for the conference.</summary>
    /// <returns><c>request: CONDITION "TEXT"</c>.</returns>
    public async Task<string?> RequestAsync(string room, string? sessionId = null, string machine = Machine)
    {
        for (var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; ;)
        {
            var answer = await AskAsync("set", "focus.meet.jitsi", new XmppElement("conference", Namespaces.Focus, ("room", $"{room}@muc.meet.jitsi"), ("machine-uid", machine), ("session-id", sessionId)));
            if (answer["type"] == "error") return "request: " + Condition(StanzaError.Read(answer));
            var conference = answer.Child("conference", Namespaces.Focus)!;
            SessionId = conference["session-id"];
            Identity = conference["identity"];
            if (conference["ready"] == "true") return null;

            // No bridge yet: a client asks again.
            Assert.True(Environment.TickCount64 < end, "the conference is never ready");
            await Task.Delay(100);
        }
    }

    public async Task<string?> LogOutAsync(string sessionId)
    {
        var answer = await AskAsync("set", "focus.meet.jitsi", new XmppElement("logout", Namespaces.Focus, ("session-id", sessionId)));
        return answer["type"] == "error" ? "logout: " + Condition(StanzaError.Read(answer)) : null;
    }

    /// <returns><c>join: CONDITION "TEXT"</c>.</returns>
    public async Task<string?> JoinAsync(string room)
    {
        var address = $"{room}@muc.meet.jitsi/{Nick}";
        await SendAsync($"<presence xmlns='{Namespaces.Client}' to='{address}'><x xmlns='{Namespaces.Muc}'/></presence>");
        var presence = await NextAsync(e => e.Name == "presence" && e["from"] == address);
        return presence["type"] == "error" ? "join: " + Condition(StanzaError.Read(presence)) : null;
    }

    /// <summary>Waits until focus has decided on the role of everybody who is in: it invites to media after that.</summary>
    public async Task<string> SettledRoleAsync()
    {
        await NextAsync(e => e.Name == "iq" && e.Elements.Any(child => child.Name == "jingle"));
        return Role;
    }

    /// <summary>Waits for the end of the stream.</summary>
    /// <returns><c>stream: CONDITION</c>.</returns>
    public async Task<string> EndAsync() => StreamError(await NextAsync(IsStreamError));

    public async Task SendAsync(string text)
    {
        await _sending.WaitAsync();
        try
        {
            if (_bosh is not null)
            {
                await _bosh.SendAsync(text);
                return;
            }

            using var limit = new CancellationTokenSource(Patience);
            await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, limit.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        if (_bosh is not null) await _bosh.DisposeAsync();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
    }

    private static bool IsStreamError(XmppElement element) => element.Name == "error" && element.Namespace == Namespaces.Streams;

    private static string StreamError(XmppElement error) => "stream: " + error.Elements.First().Name;

    private static string Condition(StanzaError error) =>
        Condition(error.Condition + (error.Application is { Namespace: Namespaces.Focus } application ? " " + application.Name : ""), error.Text);

    // Seconds and lifetimes differ from run to run.
    private static string Condition(string name, string? text) =>
        string.IsNullOrEmpty(text) ? name : $"{name} \"{System.Text.RegularExpressions.Regex.Replace(text, "[0-9]+", "N")}\"";

    private static string XmppFraming(string host) => $"<open xmlns='{Namespaces.Framing}' to='{host}' version='1.0'/>";

    private async Task<XmppElement> AskAsync(string type, string? to, XmppElement question)
    {
        var id = FormattableString.Invariant($"q{++_ids}");
        await SendAsync(XmppSerializer.Write(Stanzas.Iq(type, id, to, question)));
        return await NextAsync(e => e.Name == "iq" && e["id"] == id && e["type"] is "result" or "error");
    }

    private async Task<XmppElement> NextAsync(Func<XmppElement, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var element = await _received.Reader.ReadAsync(limit.Token);
                if (wanted(element)) return element;
            }
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            throw new InvalidOperationException($"What {Jid} on {_host} waits for did not come: {(e is ChannelClosedException ? "the socket has ended" : "it took too long")}.", e);
        }
    }

    private async Task ReadAllAsync(BoshWire bosh)
    {
        try
        {
            await foreach (var element in bosh.Received.ReadAllAsync()) await TakeAsync(element);
        }
        catch (OperationCanceledException)
        {
            // The test is over: what was to be answered needs no answer any more.
        }

        _received.Writer.TryComplete();
    }

    private async Task ReadAllAsync()
    {
        var buffer = new byte[256 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult got;
                do
                {
                    got = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += got.Count;
                }
                while (!got.EndOfMessage);
                if (got.MessageType == WebSocketMessageType.Close) break;
                await TakeAsync(XmppParser.Parse(Encoding.UTF8.GetString(buffer, 0, length)));
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone.
        }

        _received.Writer.TryComplete();
    }

    private async Task TakeAsync(XmppElement element)
    {
        if (element.Name == "presence" && element.Child("x", Namespaces.MucUser) is { } user && user.Children("status").Any(s => s["code"] == "110"))
        {
            SelfPresence = element;
            Role = user.Child("item")?["role"] ?? "none";
        }

        if (element.Name == "iq" && element["type"] is "get" or "set")
        {
            // Invited, and asked for its features: the first is enough, and it has none to tell.
            var answer = element["type"] == "set" ? Stanzas.Result(element) : Stanzas.Error(element, StanzaError.ServiceUnavailable);
            await SendAsync(XmppSerializer.Write(answer));
        }

        _received.Writer.TryWrite(element);
    }
}
