using JitsiMesh.Headless.Sockets;
using JitsiMesh.MediaBridge.Tcp;
using JitsiMesh.MediaBridge.Tests.Networks;

namespace JitsiMesh.MediaBridge.Tests.Tcp;

/// <summary>Calls with media over TCP on real sockets: ICE, DTLS, SRTP both ways, SCTP.</summary>
public sealed class IceTcpScenarios
{
    [Theory]
    [InlineData(MediaWays.Tcp)]
    [InlineData(MediaWays.SslTcp)]
    public async Task A_client_over_tcp_and_one_over_udp_hear_and_see_each_other_and_have_a_channel(MediaWays ways)
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", ways);
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp);
        await bridge.AssertFlowsAsync(a, b, packets: 100, frames: 50);
        Assert.True(bridge.IsOverTcp(a));
        Assert.False(bridge.IsOverTcp(b));
        Assert.True(await bridge.Runner.WaitAsync(() => a.Channel.SawServerHello && b.Channel.SawServerHello, RealBridge.Patience));
        Assert.Equal(0, bridge.Runner.Invoke(_ => a.Streams.Values.Sum(s => s.Lost)));
        Assert.True(await bridge.Runner.WaitAsync(() => a.TransportFeedbackReceived > 5 && a.SenderReportsReceived > 0, RealBridge.Patience));

        // Without media over UDP nothing was ever sent there, and the other way round.
        var tcp = bridge.Runtime.Tcp!;
        Assert.Equal((1, 0), (tcp.Count, tcp.Waiting));
        Assert.Equal(0, tcp.FramesDropped);

        // It leaves: its connection is closed, the other's call stands.
        await bridge.ModifyAsync(Conferences.BridgeCall.Request(r => r.Endpoints.Add(new Contracts.Bridge.EndpointChange { Id = a.Id, Expire = true })));
        Assert.True(await bridge.Runner.WaitAsync(() => tcp.Count == 0, RealBridge.Patience));
        Assert.Equal(1, tcp.Closed(TcpCloseReason.EndpointEnded) + tcp.Closed(TcpCloseReason.Remote));
        Assert.True(bridge.Runner.Invoke(_ => b.IsConnected));
    }

    [Fact]
    public async Task A_call_moves_from_tcp_to_udp_when_that_opens_and_back_when_it_closes()
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Udp | MediaWays.Tcp, blocked: true);
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp);
        await bridge.AssertFlowsAsync(a, b);
        Assert.True(bridge.IsOverTcp(a));

        bridge.Runner.BlockUdp(a, false);
        Assert.True(await bridge.Runner.WaitAsync(() => !bridge.IsOverTcp(a), RealBridge.Patience), await bridge.DebugAsync());
        await bridge.AssertFlowsAsync(a, b);

        bridge.Runner.BlockUdp(a, true);
        Assert.True(await bridge.Runner.WaitAsync(() => bridge.IsOverTcp(a), RealBridge.Patience), await bridge.DebugAsync());
        await bridge.AssertFlowsAsync(a, b);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_replaced_by_another_without_a_restart()
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Tcp);
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp);
        for (var i = 0; i < 3; i++)
        {
            await bridge.AssertFlowsAsync(a, b);
            bridge.Runner.CutConnections(a);
            await bridge.ReconnectAsync(a);
        }

        await bridge.AssertFlowsAsync(a, b);
        Assert.Equal(0, await bridge.Ask(shard => shard.Counters.IceFailed));
        Assert.True(await bridge.Runner.WaitAsync(() => bridge.Runtime.Tcp!.Count == 1, RealBridge.Patience));
    }

    [Fact]
    public async Task A_receiver_that_does_not_read_loses_packets_and_holds_up_nobody()
    {
        using var bridge = new RealBridge();
        var slow = await bridge.JoinAsync("aaaa0001", MediaWays.Tcp);
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp);
        var c = await bridge.JoinAsync("cccc0003", MediaWays.Tcp);
        await bridge.AssertFlowsAsync(slow, b);
        await bridge.AssertFlowsAsync(b, c);

        // More than its connection and the queue behind it hold.
        bridge.Runner.HoldUpConnections(slow, true);
        await FloodAsync(bridge, slow, IceTcpLimits.MaxSendQueue + (8 << 20));
        Assert.True(bridge.Runtime.Tcp!.FramesDropped > 0);
        await bridge.AssertFlowsAsync(b, c);

        // It reads again: whole frames come, or it would have cut the connection.
        bridge.Runner.HoldUpConnections(slow, false);
        await bridge.AssertFlowsAsync(slow, b);
        Assert.True(bridge.IsOverTcp(slow));
        Assert.Equal(0, bridge.Runtime.Tcp.Closed(TcpCloseReason.BadFraming));
    }

    [Fact]
    public async Task The_media_thread_allocates_nothing_for_a_packet_over_tcp()
    {
        using var bridge = new RealBridge();
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Tcp);
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp);
        await bridge.AssertFlowsAsync(a, b);
        long Send() => bridge.Ask(shard =>
        {
            var port = shard.Ports.Single(p => p.Local.IsTcp);
            var remote = shard.Conferences.Single().Find(a.Id)!.Addresses.Single(x => x.IsTcp);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 200; i++)
            {
                // No packet of any kind: the client counts it and goes on.
                port.Rent()[..400].Fill(0xFF);
                port.Commit(400, remote);
                port.Flush();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).GetAwaiter().GetResult();

        // The first rounds make the queue larger.
        for (var i = 0; i < 20; i++) Send();
        Assert.Equal(0, Send());
    }

    private static async Task FloodAsync(RealBridge bridge, Headless.Media.HeadlessEndpoint endpoint, int bytes)
    {
        for (var sent = 0; sent < bytes; sent += 100 * 1200)
        {
            await bridge.Ask(shard =>
            {
                var port = shard.Ports.Single(p => p.Local.IsTcp);
                var remote = shard.Conferences.Single().Find(endpoint.Id)!.Addresses.First(x => x.IsTcp);
                for (var i = 0; i < 100; i++)
                {
                    port.Rent()[..1200].Fill(0xFF);
                    port.Commit(1200, remote);
                }

                port.Flush();
                return true;
            });
        }
    }
}
