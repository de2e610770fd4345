using System.Net.Sockets;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Client;

namespace JitsiMesh.EdgeProxy.Tests.Turn;

/// <summary>A client with a real connection, which waits for each answer.</summary>
internal sealed class RelayClient(Stream stream, TurnClientMessages messages, bool isStream) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly byte[] _buffer = new byte[4096];

    public TurnClientMessages Messages { get; } = messages;

    public Stream Stream { get; } = stream;

    /// <summary>Makes a request, again after a challenge.</summary>
    public async Task<TurnReply> SaysAsync(Func<byte[]> request)
    {
        for (var i = 0; ; i++)
        {
            await Stream.WriteAsync(request());
            var reply = Messages.Read(await ReadAsync()) ?? throw new InvalidOperationException("no message");
            if (i == 2 || reply.Error is not (TurnErrorCode.Unauthenticated or TurnErrorCode.StaleNonce)) return reply;
        }
    }

    /// <summary>Allocates, binds a channel to the peer, and sends something there and back.</summary>
    public async Task EchoesAsync(System.Net.IPEndPoint peer, string text)
    {
        Assert.Equal(0, (await SaysAsync(() => Messages.Allocate())).Error);
        Assert.Equal(0, (await SaysAsync(() => Messages.BindChannel(0x4000, TransportAddress.From(peer)))).Error);
        await SendAsync(text);
        Assert.Equal(text, await ReceiveAsync());
    }

    public ValueTask SendAsync(string text) => Stream.WriteAsync(TurnClientMessages.Channel(0x4000, System.Text.Encoding.ASCII.GetBytes(text)));

    public async Task<string> ReceiveAsync()
    {
        var packet = await ReadAsync();
        Assert.True(ChannelData.IsChannel(packet[0]));
        return System.Text.Encoding.ASCII.GetString(packet, ChannelData.HeaderSize, ChannelData.LengthOf(packet));
    }

    /// <summary>One message.</summary>
    public async Task<byte[]> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        if (!isStream) return _buffer[..await Stream.ReadAsync(_buffer, limit.Token)];
        await Stream.ReadExactlyAsync(_buffer.AsMemory(0, TurnFrame.PrefixSize), limit.Token);
        var length = TurnFrame.LengthOf(_buffer);
        Assert.NotEqual(0, length);
        await Stream.ReadExactlyAsync(_buffer.AsMemory(TurnFrame.PrefixSize, length - TurnFrame.PrefixSize), limit.Token);
        return _buffer[..length];
    }

    /// <summary>Whether the other side ends the connection.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (await Stream.ReadAsync(_buffer, limit.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}

/// <summary>A connected UDP socket as a stream of whole datagrams.</summary>
internal sealed class NetworkDatagrams(Socket socket) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => socket.Receive(buffer, offset, count, SocketFlags.None);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => socket.ReceiveAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => socket.Send(buffer, offset, count, SocketFlags.None);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await socket.SendAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) socket.Dispose();
        base.Dispose(disposing);
    }
}
