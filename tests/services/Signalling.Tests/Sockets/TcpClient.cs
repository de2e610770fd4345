using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>A client over real TCP and TLS, step by step, so that a test can do any of them wrongly.</summary>
public sealed class TcpClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _chunk = new byte[16 * 1024];
    private readonly XmppStreamReader _reader = new();
    private Stream _stream = Stream.Null;
    private int _from;
    private int _to;

    public string FullJid { get; private set; } = "";

    public string Nick => FullJid[..8];

    public string ResumeId { get; private set; } = "";

    public SslProtocols Protocol => ((SslStream)_stream).SslProtocol;

    /// <summary>The certificate that the server showed.</summary>
    public X509Certificate2? Certificate { get; private set; }

    public static string Header(string to) => $"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{to}' version='1.0'>";

    /// <param name="port">Of loopback.</param>
    /// <param name="mayFail">The server may cut the connection as soon as it is there, which the system may tell before it says that it was.</param>
    public static async Task<TcpClient> DialAsync(int port, bool mayFail = false)
    {
        var client = new TcpClient();
        try
        {
            await client._socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Patience);
            client._stream = new NetworkStream(client._socket);
        }
        catch (SocketException exception) when (mayFail && exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Its stream is at its end.
        }

        return client;
    }

    /// <summary>Up to the features behind TLS.</summary>
    public static async Task<TcpClient> SecureAsync(int port, string host = "meet.jitsi")
    {
        var client = await DialAsync(port);
        await client.SendAsync(Header(host));
        await client.UntilAsync("<features xmlns='http://etherx.jabber.org/streams'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></features>");
        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.UntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.HandshakeAsync();
        await client.SendAsync(Header(host));
        await client.UntilAsync("<features xmlns='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></features>");
        return client;
    }

    /// <summary>Bound, with stream management.</summary>
    public static async Task<TcpClient> ConnectAsync(int port, string host = "meet.jitsi")
    {
        var client = await SecureAsync(port, host);
        await client.LogInAsync(host);
        await client.BindAsync();
        return client;
    }

    public async Task HandshakeAsync(SslProtocols protocols = SslProtocols.None)
    {
        var secured = new SslStream(_stream, leaveInnerStreamOpen: false);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "meet.jitsi",
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                Certificate = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                return certificate is not null;
            },
        }).WaitAsync(Patience);
        _stream = secured;
        _reader.Restart();
    }

    public async Task LogInAsync(string host = "meet.jitsi")
    {
        await SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        await UntilAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        _reader.Restart();
        await SendAsync(Header(host));
        await UntilAsync("<features xmlns='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><sm xmlns='urn:xmpp:sm:3'/></features>");
    }

    public async Task BindAsync()
    {
        await SendAsync("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>Smack</resource></bind></iq>");
        FullJid = (await UntilAsync("<iq type='result' id='b'/>")).Child("bind")!.Child("jid")!.Text;
        await SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        ResumeId = (await UntilAsync("<enabled xmlns='urn:xmpp:sm:3'/>"))["id"]!;
    }

    public async Task JoinAsync(string room)
    {
        await SendAsync($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        await UntilAsync("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
        await SendAsync($"<presence to='{room}/{Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await UntilAsync("<message type='groupchat'><subject/></message>");
    }

    /// <summary>What the server sends next begins a stream.</summary>
    public void Restarts() => _reader.Restart();

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] octets)
    {
        using var limit = new CancellationTokenSource(Patience);
        await _stream.WriteAsync(octets, limit.Token);
    }

    /// <summary>Past TLS, onto the connection itself.</summary>
    public async Task SendBesideTlsAsync(byte[] octets)
    {
        using var limit = new CancellationTokenSource(Patience);
        await _socket.SendAsync(octets, limit.Token);
    }

    /// <summary>The header of the server's stream has come.</summary>
    public bool Opened { get; private set; }

    /// <summary>Reads until an element matches; null when the stream ends or the connection closes before.</summary>
    public async Task<XmppElement?> TryUntilAsync(string pattern)
    {
        var expected = XmppParser.Parse(World.WithClientNamespace(pattern));
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (_from == _to)
            {
                try
                {
                    (_from, _to) = (0, await _stream.ReadAsync(_chunk, limit.Token));
                }
                catch (IOException)
                {
                    // Reset: as good as closed.
                    return null;
                }

                if (_to == 0) return null;
            }

            var part = _reader.Read(_chunk.AsSpan(_from, _to - _from), 1024 * 1024, out var consumed);
            _from += consumed;
            if (part.Kind == XmppStreamPartKind.Header) Opened = true;
            if (part.Kind is XmppStreamPartKind.End) return null;
            if (part.Kind == XmppStreamPartKind.Refused) throw new Xunit.Sdk.XunitException($"The server's stream is unreadable: {part.Error}");
            if (part.Element is { } element && Pattern.Matches(expected, element)) return element;
        }
    }

    public async Task<XmppElement> UntilAsync(string pattern) =>
        await TryUntilAsync(pattern) ?? throw new Xunit.Sdk.XunitException($"The connection closed before\n  {pattern}");

    /// <summary>Waits until the server has closed the connection.</summary>
    public async Task UntilClosedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (await _stream.ReadAsync(_chunk, limit.Token) > 0)
            {
                // What came before does not count.
            }
        }
        catch (IOException)
        {
            // Reset.
        }
    }

    /// <summary>The stream ends with an error, then the connection with it.</summary>
    public async Task UntilErrorAsync(string condition)
    {
        await UntilAsync($"<error xmlns='http://etherx.jabber.org/streams'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.True(Opened);
        Assert.Null(await TryUntilAsync("<never/>"));
        await UntilClosedAsync();
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Cut() => _socket.Close(0);

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        Certificate?.Dispose();
    }
}
