using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>A WebSocket in the hands of somebody who keeps no rules: any bytes, from any loopback address, read or not.</summary>
public sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ClientWebSocket _socket = new();
    private readonly HttpMessageInvoker _invoker;
    private readonly CancellationTokenSource _over = new();
    private readonly byte[] _buffer = new byte[512 * 1024];
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ClientStream _stream;
    private bool _disposed;

    private RawClient(IPAddress from, string domain)
    {
        _stream = new ClientStream(domain);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(from, 0));
                    await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        });
        _socket.Options.AddSubProtocol("xmpp");
        _socket.Options.CollectHttpResponseDetails = true;
    }

    public WebSocketState State => _socket.State;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>What the server answered when it did not open a WebSocket.</summary>
    public HttpStatusCode HttpStatus => _socket.HttpStatusCode;

    public Jid Jid => _stream.Jid ?? throw new InvalidOperationException("Not logged in.");

    public string Nick => Jid.Local![..8];

    /// <summary>Stanzas that came while <see cref="StartReading"/> is in force.</summary>
    public ConcurrentQueue<XmppElement> Stanzas { get; } = new();

    /// <summary>Sees the text of each frame while <see cref="StartReading"/> is in force.</summary>
    public Action<string>? Tap { get; set; }

    /// <summary>The reading of <see cref="StartReading"/> has come to an end.</summary>
    public bool HasEnded { get; private set; }

    public static RawClient From(IMeshUnderTest mesh, IPAddress? address = null) => new(address ?? IPAddress.Loopback, mesh.Domain);

    /// <summary>Of the request that opens the socket.</summary>
    public void SetHeader(string name, string value) => _socket.Options.SetRequestHeader(name, value);

    /// <summary>Opens the socket; false when it is refused, by whatever means.</summary>
    public async Task<bool> TryDialAsync(IMeshUnderTest mesh, string room = "raw")
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await _socket.ConnectAsync(new UriBuilder(mesh.WebSocket) { Query = "room=" + room }.Uri, _invoker, limit.Token);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    /// <summary>Dials and logs in as an ordinary client does.</summary>
    public async Task LogInAsync(IMeshUnderTest mesh, string room = "raw")
    {
        Assert.True(await TryDialAsync(mesh, room));
        _stream.SocketOpened();
        await FlushAsync();
        while (_stream.Phase != StreamPhase.Ready)
        {
            var frame = await ReadAsync();
            Assert.True(frame is not null && _stream.Phase != StreamPhase.Ended, _stream.Failure);
            _stream.HandleFrame(frame);
            await FlushAsync();
        }
    }

    /// <summary>From now on reads, acknowledges as asked, and keeps the stanzas.</summary>
    public void StartReading() => _ = Task.Run(async () =>
    {
        // Not by the stream: it would not bear what its server says to somebody who keeps no rules.
        var handled = 0;
        while (await ReadAsync(_over.Token) is { } frame)
        {
            Tap?.Invoke(frame);
            var element = XmppParser.Parse(frame);
            if (element.Namespace == Namespaces.StreamManagement && element.Name == "r")
            {
                await TrySendAsync(Encoding.UTF8.GetBytes($"<a xmlns='{Namespaces.StreamManagement}' h='{handled}'/>"));
            }
            else if (element.Namespace == Namespaces.Client)
            {
                handled++;
                Stanzas.Enqueue(element);
            }
        }

        HasEnded = true;
    });

    public async Task JoinAsync(IMeshUnderTest mesh, string room)
    {
        await SendAsync($"<iq xmlns='jabber:client' type='set' id='c' to='focus.{mesh.Domain}'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}@{mesh.MucDomain}'/></iq>");
        while (true)
        {
            var frame = await ReadAsync();
            Assert.NotNull(frame);
            if (frame.Contains("<conference", StringComparison.Ordinal)) break;
        }

        await SendAsync($"<presence xmlns='jabber:client' to='{room}@{mesh.MucDomain}/{Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        await _sending.WaitAsync();
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await _socket.SendAsync(bytes, type, true, limit.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>As <see cref="SendAsync(string)"/>; false when the server has closed.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    /// <summary>One whole frame; null when the socket has ended.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (cancellation == default) limit.CancelAfter(Patience);
        try
        {
            for (var length = 0; ;)
            {
                var result = await _socket.ReceiveAsync(_buffer.AsMemory(length), limit.Token);
                if (result.MessageType == WebSocketMessageType.Close) return null;
                length += result.Count;
                if (result.EndOfMessage) return Encoding.UTF8.GetString(_buffer, 0, length);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>All that comes until the server closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        while (await ReadAsync() is { } frame) all.Append(frame);
        return all.ToString();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _over.Cancel();
        _socket.Abort();
        _socket.Dispose();
        _invoker.Dispose();
        _sending.Dispose();
        _over.Dispose();
    }

    private async Task FlushAsync()
    {
        while (_stream.TryDequeueFrame(out var frame))
        {
            if (!await TrySendAsync(Encoding.UTF8.GetBytes(frame))) return;
        }
    }
}
