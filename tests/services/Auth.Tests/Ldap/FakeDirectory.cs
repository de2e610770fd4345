using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>What came: the id and the tag of the operation (0x60 a bind, 0x63 a search, 0x77 StartTLS).</summary>
internal readonly record struct ReceivedRequest(int Id, byte Operation);

/// <summary>A server that answers each request with octets of the test's choice.</summary>
internal sealed class FakeDirectory : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<ReceivedRequest, byte[]> _answer;

    public FakeDirectory(Func<ReceivedRequest, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"ldap://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The tags of all requests that came.</summary>
    public ConcurrentQueue<byte> Operations { get; } = new();

    /// <summary>An LDAPMessage with an operation of a number and content.</summary>
    public static byte[] Message(int id, int operation, byte[] content)
    {
        byte[] number = id < 128 ? [2, 1, (byte)id] : [2, 2, (byte)(id >> 8), (byte)id];
        byte[] body = [.. number, (byte)(0x60 | operation), .. Length(content.Length), .. content];
        return [0x30, .. Length(body.Length), .. body];
    }

    public static byte[] Text(string text) => [4, .. Length(System.Text.Encoding.UTF8.GetByteCount(text)), .. System.Text.Encoding.UTF8.GetBytes(text)];

    public static byte[] Wrap(byte tag, params byte[][] parts)
    {
        var content = parts.SelectMany(p => p).ToArray();
        return [tag, .. Length(content.Length), .. content];
    }

    public void Dispose() => _listener.Dispose();

    private static byte[] Length(int length) => length < 128 ? [(byte)length] : [0x82, (byte)(length >> 8), (byte)length];

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[8192];
            var filled = 0;
            try
            {
                while (true)
                {
                    var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
                    if (read == 0) return;
                    filled += read;
                    while (LdapDecoder.TryMeasure(buffer.AsSpan(0, filled), out var length) && length > 0 && filled >= length)
                    {
                        var at = buffer[1] < 0x80 ? 2 : 2 + (buffer[1] & 0x7F);
                        var id = 0;
                        for (var i = 0; i < buffer[at + 1]; i++) id = (id << 8) | buffer[at + 2 + i];
                        var operation = buffer[at + 2 + buffer[at + 1]];
                        Operations.Enqueue(operation);
                        buffer.AsSpan(length, filled - length).CopyTo(buffer);
                        filled -= length;
                        if (operation == 0x42) return;
                        await socket.SendAsync(_answer(new ReceivedRequest(id, operation)));
                    }
                }
            }
            catch (SocketException)
            {
                // The client has closed it.
            }
        }
    }
}
