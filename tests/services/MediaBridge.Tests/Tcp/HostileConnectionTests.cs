using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Ice.Tcp;
using JitsiMesh.MediaBridge.Tcp;
using JitsiMesh.MediaBridge.Tests.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Tcp;

/// <summary>Connections to the media port that are no client's.</summary>
public sealed class HostileConnectionTests
{
    private const int Connections = 2000;

    [Fact]
    public async Task Two_thousand_connections_of_garbage_beside_a_call_cost_it_nothing()
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Tcp);
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp);
        await bridge.AssertFlowsAsync(a, b);
        var lost = bridge.Runner.Invoke(_ => a.Streams.Values.Concat(b.Streams.Values).Sum(s => s.Lost));
        var tcp = bridge.Runtime.Tcp!;
        var random = new SeededRandomSource(74);
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                sockets.Add(await ConnectAsync(bridge));
                try
                {
                    await sockets[^1].SendAsync(Garbage(i, random));
                }
                catch (SocketException)
                {
                    // Closed already: that is what it is for.
                }

                Assert.InRange(tcp.Waiting, 0, IceTcpLimits.MaxWaitingPerAddress);
                Assert.InRange(tcp.Count, 0, IceTcpLimits.MaxPerAddress);
            }

            await bridge.AssertFlowsAsync(a, b);
            Assert.True(bridge.IsOverTcp(a));
            Assert.Equal(lost, bridge.Runner.Invoke(_ => a.Streams.Values.Concat(b.Streams.Values).Sum(s => s.Lost)));

            // A client that comes in the middle of it gets in.
            var c = await bridge.JoinAsync("cccc0003", MediaWays.Tcp);
            await bridge.AssertFlowsAsync(b, c);
            Assert.True(await bridge.Runner.WaitAsync(() => tcp.Accepted == Connections + 2, RealBridge.Patience));
            foreach (var reason in new[] { TcpCloseReason.BadFraming, TcpCloseReason.NotStun, TcpCloseReason.UnknownCheck, TcpCloseReason.Displaced }) Assert.True(tcp.Closed(reason) > 50, $"{reason}: {tcp.Closed(reason)}");

            // Those that say nothing go when their time is over.
            Assert.True(await bridge.Runner.WaitAsync(() => tcp.Waiting == 0, IceTcpLimits.IdentifyWithin + RealBridge.Patience));
            Assert.Equal(2, tcp.Count);
            Assert.Equal(0, Enum.GetValues<JitsiMesh.MediaBridge.Conferences.ShardFault>().Sum(kind => bridge.Runtime.Shard!.Counters.Faults(kind)));
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    [Theory]
    [InlineData("an unknown ufrag", TcpCloseReason.UnknownCheck)]
    [InlineData("a wrong password", TcpCloseReason.UnknownCheck)]
    [InlineData("a response", TcpCloseReason.NotStun)]
    [InlineData("media", TcpCloseReason.NotStun)]
    [InlineData("a frame too long", TcpCloseReason.BadFraming)]
    [InlineData("half a hello", TcpCloseReason.BadFraming)]
    public async Task Who_does_not_show_an_endpoints_credentials_is_cut_off(string what, object reason)
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Tcp);
        using var socket = await ConnectAsync(bridge);
        var ufrag = await bridge.Ask(shard => shard.Conferences.Single().Find(a.Id)!.Transport.Ice.Ufrag);
        await socket.SendAsync(what switch
        {
            "an unknown ufrag" => Framed(Check("nobody12", "abcdefghijklmnopqrstuvwx")),
            "a wrong password" => Framed(Check(ufrag, "abcdefghijklmnopqrstuvwx")),
            "a response" => Framed(Response()),
            "media" => Framed([0x80, 0x6F, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
            "a frame too long" => [0x10, 0, 1],
            _ => [.. SslTcpHandshake.ClientHello[..20], 1, 2, 3],
        });
        var buffer = new byte[2048];
        using var limit = new CancellationTokenSource(RealBridge.Patience);
        try
        {
            // An answer of refusal may come; then the end.
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Cut off in the middle.
        }

        Assert.Equal(1, bridge.Runtime.Tcp!.Closed((TcpCloseReason)reason));
        Assert.True(await bridge.Runner.WaitAsync(() => bridge.Runtime.Tcp.Count == 1, RealBridge.Patience));
    }

    [Fact]
    public async Task A_client_cannot_hold_more_connections_than_it_may()
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Tcp);
        var (ufrag, password) = await bridge.Ask(shard => (shard.Conferences.Single().Find(a.Id)!.Transport.Ice.Ufrag, shard.Conferences.Single().Find(a.Id)!.Transport.Ice.Password));
        var sockets = new List<Socket>();
        for (var i = 0; i < IceTcpLimits.MaxPerEndpoint + 10; i++)
        {
            sockets.Add(await ConnectAsync(bridge));
            await sockets[^1].SendAsync(Framed(Check(ufrag, password)));
        }

        Assert.True(await bridge.Runner.WaitAsync(() => bridge.Runtime.Tcp!.Waiting == 0 && bridge.Runtime.Tcp.Closed(TcpCloseReason.EndpointFull) == 11, RealBridge.Patience), $"{bridge.Runtime.Tcp!.Closed(TcpCloseReason.EndpointFull)}");
        Assert.Equal(IceTcpLimits.MaxPerEndpoint, bridge.Runtime.Tcp!.Count);
        foreach (var socket in sockets) socket.Dispose();
    }

    private static async Task<Socket> ConnectAsync(RealBridge bridge)
    {
        var port = await bridge.Ask(shard => shard.Ports.Single(p => p.Local.IsTcp).Local.Port);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private static byte[] Garbage(int kind, IRandomSource random)
    {
        var bytes = new byte[1 + random.NextInt(400)];
        random.Fill(bytes);
        return (kind % 8) switch
        {
            0 => Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: meet.example.org\r\n\r\n"),
            1 => bytes,
            2 => Framed(bytes),
            3 => Framed(Check("nobody12", "abcdefghijklmnopqrstuvwx")),
            4 => [.. SslTcpHandshake.ClientHello, .. Framed(bytes)],
            5 => SslTcpHandshake.ClientHello[..(1 + random.NextInt(71))].ToArray(),
            6 => [0],
            _ => [.. SslTcpHandshake.ClientHello, .. Framed(Check("nobody12", "abcdefghijklmnopqrstuvwx"))],
        };
    }

    private static byte[] Framed(ReadOnlySpan<byte> frame)
    {
        var bytes = new byte[FrameReader.HeaderSize + frame.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)frame.Length);
        frame.CopyTo(bytes.AsSpan(FrameReader.HeaderSize));
        return bytes;
    }

    private static byte[] Check(string ufrag, string password)
    {
        var writer = new StunWriter(stackalloc byte[512], StunClass.Request, StunMethod.Binding, StunTransactionId.Create(SecureRandomSource.Instance));
        writer.AddText(StunAttribute.Username, ufrag + ":client12");
        writer.AddPriority(1);
        writer.AddTieBreaker(StunAttribute.IceControlled, 7);
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private static byte[] Response()
    {
        var writer = new StunWriter(stackalloc byte[512], StunClass.SuccessResponse, StunMethod.Binding, StunTransactionId.Create(SecureRandomSource.Instance));
        writer.AddXorMappedAddress(TransportAddress.FromIPv4(0xC0000201, 5));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
