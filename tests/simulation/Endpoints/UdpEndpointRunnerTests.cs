using System.Net;
using System.Net.Sockets;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.Simulation.Tests.Endpoints;

/// <summary>The same call over sockets on loopback and the wall clock; it ends as soon as the expected state is reached.</summary>
public sealed class UdpEndpointRunnerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_endpoints_over_real_sockets_see_each_other()
    {
        using var runner = new UdpEndpointRunner();
        var random = new SeededRandomSource(5);
        var a = runner.Add(new HeadlessEndpointOptions { Id = "a", Encodings = [new VideoEncoding(320, 180, Bitrate.FromKbps(150))] }, random);
        var b = runner.Add(new HeadlessEndpointOptions { Id = "b", SendsVideo = false }, random);
        using var first = Open();
        using var second = Open();
        using var bridge = new PlainForwarder(random, UdpEndpointRunner.Now);
        runner.Invoke(_ =>
        {
            bridge.Connect(a, TransportAddress.From((IPEndPoint)first.LocalEndPoint!));
            bridge.Connect(b, TransportAddress.From((IPEndPoint)second.LocalEndPoint!));
        });

        using var stop = new CancellationTokenSource();
        var forwarding = Task.Factory.StartNew(() => Forward(bridge, [first, second], stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var seen = await runner.WaitAsync(
            () => b.Streams.TryGetValue(a.VideoSsrcs[0].Primary, out var video) && video.DecodableFrames > 10 && a.Streams.ContainsKey(b.AudioSsrc) && a.Channel.SawServerHello, Limit);
        await stop.CancelAsync();
        await forwarding;
        Assert.True(seen, $"a: {a.IsConnected} {a.Failure}, b: {b.IsConnected} {b.Failure}, streams {a.Streams.Count} and {b.Streams.Count}");
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static void Forward(PlainForwarder bridge, Socket[] sockets, CancellationToken stop)
    {
        var byLocal = sockets.ToDictionary(s => TransportAddress.From((IPEndPoint)s.LocalEndPoint!));
        var buffer = new byte[2048];
        while (!stop.IsCancellationRequested)
        {
            Socket.Select(new List<Socket>(sockets), null, null, 2000);
            foreach (var (local, socket) in byLocal)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                while (socket.Available > 0)
                {
                    var length = socket.ReceiveFrom(buffer, ref from);
                    bridge.HandleDatagram(buffer[..length], local, TransportAddress.From((IPEndPoint)from), UdpEndpointRunner.Now);
                }
            }

            bridge.HandleTimeout(UdpEndpointRunner.Now);
            while (bridge.TryDequeueTransmit(out var datagram)) byLocal[datagram.Source].SendTo(datagram.Bytes.Span, SocketFlags.None, datagram.Destination.ToIPEndPoint());
        }
    }
}
