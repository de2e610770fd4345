using JitsiMesh.Kit.Clients;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>A client over BOSH, with the stock client's order of things.</summary>
public sealed class BoshClient(BoshWire wire) : IAsyncDisposable
{
    private const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public BoshWire Wire => wire;

    public string FullJid { get; private set; } = "";

    public string Nick => FullJid[..8];

    public static async Task<BoshClient> ConnectAsync(int port, string path = "/http-bind?room=call")
    {
        var client = new BoshClient(new BoshWire(Address(port, path)));
        await client.LogInAsync();
        await client.BindAsync();
        return client;
    }

    public static Uri Address(int port, string path = "/http-bind?room=call") => new($"http://127.0.0.1:{port}{path}");

    public async Task LogInAsync()
    {
        await SendAsync(Open);
        await UntilAsync("<features xmlns='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></features>");
        await SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        await UntilAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await SendAsync(Open);
        await UntilAsync("<features xmlns='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></features>");
    }

    public async Task BindAsync()
    {
        await SendAsync("<iq type='set' id='_bind_auth_2'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        FullJid = (await UntilAsync("<iq type='result' id='_bind_auth_2'/>")).Child("bind")!.Child("jid")!.Text;
    }

    public async Task JoinAsync(string room)
    {
        await SendAsync($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        await UntilAsync("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
        await SendAsync($"<presence to='{room}/{Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await UntilAsync("<message type='groupchat'><subject/></message>");
    }

    public Task SendAsync(string xml) => wire.SendAsync(xml.StartsWith("<open ", StringComparison.Ordinal) || xml.StartsWith("<close ", StringComparison.Ordinal) ? xml : World.WithClientNamespace(xml));

    public async Task<XmppElement> UntilAsync(string pattern)
    {
        var expected = XmppParser.Parse(World.WithClientNamespace(pattern));
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var element = await wire.Received.ReadAsync(limit.Token);
                if (Pattern.Matches(expected, element)) return element;
            }
        }
        catch (Exception exception) when (exception is System.Threading.Channels.ChannelClosedException or OperationCanceledException)
        {
            throw new Xunit.Sdk.XunitException($"The session ended with '{wire.Ended}' before\n  {pattern}");
        }
    }

    /// <summary>Waits for the end of the session and gives its condition.</summary>
    public async Task<string> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await wire.Received.WaitToReadAsync(limit.Token))
        {
            while (wire.Received.TryRead(out _))
            {
                // What it still hears is for other tests.
            }
        }

        return wire.Ended!;
    }

    public ValueTask DisposeAsync() => wire.DisposeAsync();
}
