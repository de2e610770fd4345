using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Tests.Kit;

namespace JitsiMesh.Turn.Tests.Server;

public sealed class AllocationTests
{
    private readonly TurnWorld _world = new();

    private static (StunAttribute, byte[]) Transport => (TurnAttribute.RequestedTransport, [17, 0, 0, 0]);

    [Fact]
    public void A_request_that_comes_again_gets_the_same_answer_and_another_one_437()
    {
        var ann = _world.Person();
        Assert.Equal(TurnErrorCode.Unauthenticated, ann.Asks(ann.Messages.Allocate()));
        var request = ann.Messages.Allocate();
        var first = ann.Messages.Read(ann.Exchange(request))!;
        Assert.Equal(first.Relayed, ann.Messages.Read(ann.Exchange(request))!.Relayed);
        Assert.Equal(TurnErrorCode.AllocationMismatch, ann.Asks(ann.Messages.Allocate()));
        Assert.Equal(1, _world.OpenRelays);
    }

    [Theory]
    [InlineData(0, 600)]
    [InlineData(1, 600)]
    [InlineData(601, 601)]
    [InlineData(4_000_000_000, 3600)]
    public void A_lifetime_is_between_ten_minutes_and_an_hour(uint asked, uint expected)
    {
        var ann = _world.Person();
        Assert.Equal(expected, ann.Says(() => ann.Messages.Request(TurnMethod.Allocate, Transport, (TurnAttribute.Lifetime, [(byte)(asked >> 24), (byte)(asked >> 16), (byte)(asked >> 8), (byte)asked]))).Lifetime);
    }

    [Fact]
    public void An_allocation_ends_when_it_is_not_refreshed_and_its_socket_with_it()
    {
        var ann = _world.Person().Connects();
        var allocation = ann.Allocation();
        _world.Passes(TimeSpan.FromSeconds(599));
        Assert.Equal(1, _world.OpenRelays);
        _world.Passes(TimeSpan.FromSeconds(2));
        Assert.Equal(0, _world.OpenRelays);
        Assert.False(allocation.IsOpen);
        Assert.Null(ann.Relays(TurnClientMessages.Channel(0x4000, "late"u8)));
        Assert.Empty(ann.Receives(allocation, TurnWorld.Bridge, "late"u8));
        Assert.Equal(TurnErrorCode.AllocationMismatch, ann.Says(() => ann.Messages.Refresh(600)).Error);
    }

    [Fact]
    public void A_refresh_with_no_lifetime_ends_it_at_once()
    {
        var ann = _world.Person().Connects();
        var reply = ann.Says(() => ann.Messages.Refresh(0));
        Assert.Equal((0, 0u), (reply.Error, reply.Lifetime));
        Assert.Equal(0, _world.OpenRelays);
        Assert.Equal(0, ann.Allocates().Error);
    }

    [Fact]
    public void A_connection_that_closes_ends_it()
    {
        var ann = _world.Person(transport: TurnTransport.Tls).Connects();
        _world.Server.Close(ann.Tuple);
        Assert.Equal((0, 0), (_world.OpenRelays, _world.Server.Counters.Allocations));
        _world.Server.Close(ann.Tuple);
    }

    [Fact]
    public void Clients_with_the_same_address_over_other_transports_are_others()
    {
        _world.Person("a").Connects();
        _world.Person("b", transport: TurnTransport.Tcp).Connects();
        Assert.Equal(2, _world.OpenRelays);
    }

    [Fact]
    public void What_is_not_there_is_refused_by_its_own_code()
    {
        Assert.Equal(TurnErrorCode.BadRequest, Asked());
        Assert.Equal(TurnErrorCode.UnsupportedTransport, Asked((TurnAttribute.RequestedTransport, [6, 0, 0, 0])));
        Assert.Equal(TurnErrorCode.BadRequest, Asked((TurnAttribute.RequestedTransport, [17])));
        Assert.Equal(TurnErrorCode.InsufficientCapacity, Asked(Transport, (TurnAttribute.EvenPort, [0x80])));
        Assert.Equal(TurnErrorCode.InsufficientCapacity, Asked(Transport, (TurnAttribute.ReservationToken, new byte[8])));
        Assert.Equal(TurnErrorCode.BadRequest, Asked(Transport, (TurnAttribute.ReservationToken, new byte[8]), (TurnAttribute.EvenPort, [0])));
        Assert.Equal(TurnErrorCode.BadRequest, Asked(Transport, (TurnAttribute.ReservationToken, new byte[8]), (TurnAttribute.RequestedAddressFamily, [1, 0, 0, 0])));
        Assert.Equal(TurnErrorCode.AddressFamilyNotSupported, Asked(Transport, (TurnAttribute.RequestedAddressFamily, [3, 0, 0, 0])));
        Assert.Equal(TurnErrorCode.UnknownAttribute, Asked(Transport, ((StunAttribute)0x001A, [])));
        Assert.Equal(TurnErrorCode.UnknownAttribute, Asked(Transport, ((StunAttribute)0x7FFF, [])));
        Assert.Equal(TurnErrorCode.BadRequest, Asked(Transport, (TurnAttribute.Lifetime, [1])));
        Assert.Equal(TurnErrorCode.BadRequest, Asked(Transport, (TurnAttribute.EvenPort, [])));
        Assert.Equal(0, _world.OpenRelays);
        Assert.Equal(0, Asked(Transport, ((StunAttribute)0x8000, [2, 0, 0, 0])));

        int Asked(params (StunAttribute, byte[])[] attributes)
        {
            // Over a stream, where an answer may be longer than its request.
            var somebody = _world.Person(transport: TurnTransport.Tcp);
            return somebody.Says(() => somebody.Messages.Request(TurnMethod.Allocate, attributes)).Error;
        }
    }

    [Fact]
    public void A_single_even_port_is_to_be_had()
    {
        for (ushort i = 0; i < 3; i++)
        {
            var ann = _world.Person(port: (ushort)(40000 + i));
            Assert.Equal(0, ann.Says(() => ann.Messages.Request(TurnMethod.Allocate, Transport, (TurnAttribute.EvenPort, [0]))).Relayed!.Value.Port & 1);
        }
    }

    [Fact]
    public void Without_a_port_there_is_no_allocation_and_the_next_may_have_one()
    {
        var ann = _world.Person();
        _world.HasPorts = false;
        Assert.Equal(TurnErrorCode.InsufficientCapacity, ann.Allocates().Error);
        Assert.Equal(TurnErrorCode.AddressFamilyNotSupported, ann.Allocates(isIPv6: true).Error);
        _world.HasPorts = true;
        Assert.Equal(0, ann.Allocates().Error);
    }

    [Fact]
    public void An_allocation_of_IPv6_reaches_peers_of_IPv6_alone()
    {
        var ann = _world.Person();
        Assert.False(ann.Allocates(isIPv6: true).Relayed!.Value.IsIPv4);
        Assert.Equal(TurnErrorCode.PeerAddressFamilyMismatch, ann.Says(() => ann.Messages.CreatePermission(TurnWorld.Bridge)).Error);
        Assert.Equal(TurnErrorCode.PeerAddressFamilyMismatch, ann.Says(() => ann.Messages.BindChannel(0x4000, TurnWorld.Bridge)).Error);
        Assert.Equal(0, ann.Says(() => ann.Messages.BindChannel(0x4000, TurnWorld.Bridge6)).Error);
        Assert.Equal(("six", TurnWorld.Bridge6), ann.Relays(TurnClientMessages.Channel(0x4000, "six"u8)));
        var bob = _world.Person("bob", 40002);
        bob.Allocates();
        Assert.Equal(TurnErrorCode.PeerAddressFamilyMismatch, bob.Says(() => bob.Messages.CreatePermission(TurnWorld.Bridge6)).Error);
    }

    [Fact]
    public void One_user_and_one_address_and_the_relay_have_so_many_and_no_more()
    {
        var world = new TurnWorld(new TurnLimits { Allocations = 8, AllocationsOfUser = 2, AllocationsOfAddress = 4 }, address => address.IPv4 == 0x0A0A0A0A);
        Assert.Equal([0, 0, 486], Enumerable.Range(0, 3).Select(i => world.Person("ann", (ushort)(40000 + i)).Allocates().Error));
        Assert.Equal([0, 0, 486], Enumerable.Range(0, 3).Select(i => world.Person("user" + i, (ushort)(41000 + i)).Allocates().Error));
        // Behind a proxy are many people.
        Assert.Equal([0, 0, 0, 0, 508], Enumerable.Range(0, 5).Select(i => world.Person("other" + i, (ushort)(42000 + i), address: 0x0A0A0A0A).Allocates().Error));
        Assert.Equal((1, 1, 1), (world.Server.Counters.Refused(TurnRefusal.UserQuota), world.Server.Counters.Refused(TurnRefusal.AddressQuota), world.Server.Counters.Refused(TurnRefusal.Capacity)));

        // What has ended counts no more.
        world.Passes(TimeSpan.FromMinutes(11));
        Assert.Equal(0, world.OpenRelays);
        Assert.Equal([0, 0, 486], Enumerable.Range(0, 3).Select(i => world.Person("ann", (ushort)(43000 + i)).Allocates().Error));
    }

    [Fact]
    public void New_credentials_of_the_same_session_are_the_same_user()
    {
        var world = new TurnWorld(new TurnLimits { AllocationsOfUser = 1 });
        Assert.Equal(0, world.Person("ann", lifetime: TimeSpan.FromHours(1)).Allocates().Error);
        Assert.Equal(486, world.Person("ann", 40001, lifetime: TimeSpan.FromHours(2)).Allocates().Error);
    }
}
