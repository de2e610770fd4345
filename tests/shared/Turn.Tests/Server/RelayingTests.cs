using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Tests.Kit;

namespace JitsiMesh.Turn.Tests.Server;

public sealed class RelayingTests
{
    private readonly TurnWorld _world = new();

    [Theory]
    [InlineData(TurnTransport.Udp, 5)]
    [InlineData(TurnTransport.Tls, 8)]
    public void Data_goes_both_ways_over_a_channel_and_is_padded_on_a_stream_alone(TurnTransport transport, int length)
    {
        var ann = _world.Person(transport: transport).Connects();
        Assert.Equal(("media", TurnWorld.Bridge), ann.Relays(TurnClientMessages.Channel(0x4000, "media"u8)));
        var back = ann.Receives(ann.Allocation(), TurnWorld.Bridge, "hello"u8);
        Assert.Equal(4 + length, back.Length);
        Assert.Equal([0x40, 0x00, 0, 5, .. "hello"u8.ToArray(), .. new byte[length - 5]], back);
    }

    [Fact]
    public void Data_goes_both_ways_by_indications_with_a_permission()
    {
        var ann = _world.Person();
        ann.Allocates();
        Assert.Null(ann.Relays(ann.Messages.Send(TurnWorld.Bridge, "early"u8)));
        Assert.Equal(0, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge)).Error);
        Assert.Equal(("media", TurnWorld.Bridge), ann.Relays(ann.Messages.Send(TurnWorld.Bridge, "media"u8)));
        var indication = ann.Messages.Read(ann.Receives(ann.LastOutcome.Allocation!, TurnWorld.Bridge, "hello"u8))!;
        Assert.Equal((StunClass.Indication, TurnMethod.Data, TurnWorld.Bridge), (indication.Class, indication.Method, indication.Peer));
        Assert.Equal("hello"u8.ToArray(), indication.Data);
    }

    [Fact]
    public void A_bridge_behind_NAT_is_sent_to_inside_and_seen_as_it_was_offered()
    {
        var ann = _world.Person().Connects(peer: TurnWorld.Offered);
        Assert.Equal(("media", TurnWorld.Inner), ann.Relays(TurnClientMessages.Channel(0x4000, "media"u8)));
        var allocation = ann.LastOutcome.Allocation!;
        Assert.Equal([0x40, 0x00, 0, 1, (byte)'y'], ann.Receives(allocation, TurnWorld.Inner, "y"u8));
        Assert.Empty(ann.Receives(allocation, TurnWorld.Offered, "n"u8));

        var bob = _world.Person("bob", 40001);
        bob.Allocates();
        bob.Says(() => bob.Messages.CreatePermission(TurnWorld.Offered));
        Assert.Equal(("media", TurnWorld.Inner), bob.Relays(bob.Messages.Send(TurnWorld.Offered, "media"u8)));
        Assert.Equal(TurnWorld.Offered, bob.Messages.Read(bob.Receives(bob.LastOutcome.Allocation!, TurnWorld.Inner, "y"u8))!.Peer);
    }

    [Fact]
    public void Nobody_but_bridges_is_reached()
    {
        var ann = _world.Person();
        ann.Allocates();
        TransportAddress[] strangers = [TurnWorld.Stranger, TransportAddress.FromIPv4(0xA9FEA9FE, 80), TransportAddress.FromIPv4(0x0A000002, 10000), TransportAddress.FromIPv4(0, 10000), TurnWorld.Inner];
        foreach (var stranger in strangers)
        {
            Assert.Equal(TurnErrorCode.Forbidden, ann.Says(() => ann.Messages.CreatePermission(stranger)).Error);
            Assert.Equal(TurnErrorCode.Forbidden, ann.Says(() => ann.Messages.BindChannel(0x4001, stranger)).Error);
            Assert.Null(ann.Relays(ann.Messages.Send(stranger, "x"u8)));
        }

        // The bridge's machine has other ports, which are not the bridge.
        var ssh = TurnWorld.Bridge with { Port = 22 };
        Assert.Equal(0, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge)).Error);
        Assert.Equal(TurnErrorCode.Forbidden, ann.Says(() => ann.Messages.BindChannel(0x4001, ssh)).Error);
        Assert.Null(ann.Relays(ann.Messages.Send(ssh, "x"u8)));
        Assert.NotNull(ann.Relays(ann.Messages.Send(TurnWorld.Bridge, "x"u8)));
        Assert.Empty(ann.Receives(ann.LastOutcome.Allocation!, ssh, "x"u8));
        Assert.Empty(ann.Receives(ann.LastOutcome.Allocation!, TurnWorld.Stranger, "x"u8));
    }

    [Fact]
    public void One_stranger_among_peers_and_nobody_is_permitted()
    {
        var ann = _world.Person();
        ann.Allocates();
        Assert.Equal(TurnErrorCode.Forbidden, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge, TurnWorld.Stranger)).Error);
        Assert.Null(ann.Relays(ann.Messages.Send(TurnWorld.Bridge, "x"u8)));
        Assert.Equal(TurnErrorCode.BadRequest, ann.Says(() => ann.Messages.CreatePermission()).Error);
        Assert.Equal(0, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge, TurnWorld.Offered)).Error);
        Assert.NotNull(ann.Relays(ann.Messages.Send(TurnWorld.Offered, "x"u8)));
    }

    [Fact]
    public void Channels_and_permissions_end_in_their_time_and_last_when_renewed()
    {
        var ann = _world.Person().Connects();
        var allocation = ann.Allocation();
        _world.Passes(TimeSpan.FromSeconds(301));
        // The permission is over, the channel is not.
        Assert.Empty(ann.Receives(allocation, TurnWorld.Bridge, "x"u8));
        Assert.NotNull(ann.Relays(TurnClientMessages.Channel(0x4000, "x"u8)));
        Assert.Equal(0, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge)).Error);
        Assert.NotEmpty(ann.Receives(allocation, TurnWorld.Bridge, "x"u8));
        Assert.Equal(0, ann.Says(() => ann.Messages.Refresh(3600)).Error);
        _world.Passes(TimeSpan.FromSeconds(300));
        Assert.Null(ann.Relays(TurnClientMessages.Channel(0x4000, "x"u8)));
        Assert.Equal(0, ann.Says(() => ann.Messages.BindChannel(0x4000, TurnWorld.Bridge)).Error);
        Assert.NotNull(ann.Relays(TurnClientMessages.Channel(0x4000, "x"u8)));
    }

    [Fact]
    public void A_channel_stays_with_its_peer_and_a_peer_with_its_channel()
    {
        var ann = _world.Person().Connects();
        Assert.Equal(0, ann.Says(() => ann.Messages.BindChannel(0x4000, TurnWorld.Bridge)).Error);
        Assert.Equal(TurnErrorCode.BadRequest, ann.Says(() => ann.Messages.BindChannel(0x4000, TurnWorld.Offered)).Error);
        Assert.Equal(TurnErrorCode.BadRequest, ann.Says(() => ann.Messages.BindChannel(0x4001, TurnWorld.Bridge)).Error);
        Assert.Equal(TurnErrorCode.BadRequest, ann.Says(() => ann.Messages.BindChannel(0x3FFF, TurnWorld.Offered)).Error);
        Assert.Equal(TurnErrorCode.BadRequest, ann.Says(() => ann.Messages.BindChannel(0x5000, TurnWorld.Offered)).Error);
        Assert.Equal(TurnErrorCode.BadRequest, ann.Says(() => ann.Messages.Request(TurnMethod.ChannelBind)).Error);
        Assert.Equal(0, ann.Says(() => ann.Messages.BindChannel(0x4FFF, TurnWorld.Offered)).Error);
    }

    [Fact]
    public void An_allocation_has_so_many_permissions_and_channels()
    {
        var world = new TurnWorld(new TurnLimits { Channels = 1, Permissions = 1 });
        var ann = world.Person().Connects();
        Assert.Equal(TurnErrorCode.InsufficientCapacity, ann.Says(() => ann.Messages.BindChannel(0x4001, TurnWorld.Offered)).Error);
        Assert.Equal(TurnErrorCode.InsufficientCapacity, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Offered)).Error);
        Assert.NotNull(ann.Relays(TurnClientMessages.Channel(0x4000, "x"u8)));
    }

    [Fact]
    public void What_needs_an_allocation_is_refused_without_one()
    {
        var ann = _world.Person();
        Assert.Equal(TurnErrorCode.AllocationMismatch, ann.Says(() => ann.Messages.Refresh(600)).Error);
        Assert.Equal(TurnErrorCode.AllocationMismatch, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge)).Error);
        Assert.Equal(TurnErrorCode.AllocationMismatch, ann.Says(() => ann.Messages.BindChannel(0x4000, TurnWorld.Bridge)).Error);
        Assert.Null(ann.Relays(TurnClientMessages.Channel(0x4000, "x"u8)));
        Assert.Null(ann.Relays(ann.Messages.Send(TurnWorld.Bridge, "x"u8)));
    }

    [Fact]
    public void A_user_has_so_many_octets_a_second_and_another_is_not_slowed()
    {
        var world = new TurnWorld(new TurnLimits { UserOctetsPerSecond = 10_000, AddressOctetsPerSecond = 15_000 });
        var ann = world.Person().Connects();
        var packet = TurnClientMessages.Channel(0x4000, new byte[1000]);
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => ann.Relays(packet) is not null));
        var bob = world.Person("bob", 40001).Connects();
        // Both are behind one address.
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => bob.Relays(packet) is not null));
        var cid = world.Person("cid", address: 0xC6336477).Connects();
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => cid.Relays(packet) is not null));
        world.Passes(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => ann.Relays(packet) is not null));
        Assert.Equal(35_000, world.Server.Counters.OctetsToPeers);
        Assert.Equal(45, world.Server.Counters.Refused(TurnRefusal.Rate));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_packet()
    {
        var ann = _world.Person(transport: TurnTransport.Tcp).Connects();
        var packet = TurnClientMessages.Channel(0x4000, new byte[1000]);
        var send = ann.Messages.Send(TurnWorld.Bridge, new byte[1000]);
        var answer = new byte[TurnLimits.AnswerOctets];
        var buffer = new byte[TurnLimits.Headroom + TurnLimits.DataOctets + TurnLimits.Tailroom];
        var allocation = ann.Allocation();
        var relayed = 0;
        Relay();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 500; i++) Relay();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(501 * 3, relayed);

        void Relay()
        {
            if (_world.Server.HandleClient(ann.Tuple, ann, packet, answer, _world.Now, _world.Utc).Verdict == Turn.Server.TurnVerdict.ToPeer) relayed++;
            if (_world.Server.HandleClient(ann.Tuple, ann, send, answer, _world.Now, _world.Utc).Verdict == Turn.Server.TurnVerdict.ToPeer) relayed++;
            if (_world.Server.HandlePeer(allocation, TurnWorld.Bridge, buffer, 1001, _world.Now).Verdict == Turn.Server.TurnVerdict.ToClient) relayed++;
        }
    }
}
