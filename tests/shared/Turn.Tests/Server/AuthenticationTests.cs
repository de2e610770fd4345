using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Credentials;
using JitsiMesh.Turn.Tests.Kit;

namespace JitsiMesh.Turn.Tests.Server;

public sealed class AuthenticationTests
{
    private readonly TurnWorld _world = new();

    [Fact]
    public void A_first_request_is_challenged_and_the_second_is_let_in()
    {
        var ann = _world.Person();
        Assert.Equal(TurnErrorCode.Unauthenticated, ann.Asks(ann.Messages.Allocate()));
        var made = ann.Messages.Read(ann.Exchange(ann.Messages.Allocate()))!;
        Assert.Equal((0, 600u), (made.Error, made.Lifetime));
        Assert.Equal(TransportAddress.FromIPv4(0x0A000063, 50000), made.Relayed);
        Assert.Equal(1, _world.Server.Counters.Refused(TurnRefusal.Challenge));
    }

    [Fact]
    public void A_challenge_is_at_most_twice_as_long_as_the_shortest_request()
    {
        var ann = _world.Person();
        var request = ann.Messages.Allocate();
        Assert.Equal(28, request.Length);
        Assert.InRange(ann.Exchange(request).Length, 1, 56);
    }

    [Theory]
    [InlineData(TurnTransport.Udp, 0)]
    [InlineData(TurnTransport.Tcp, 44)]
    public void An_answer_that_would_be_longer_is_not_sent_where_the_sender_may_be_another(TurnTransport transport, int expected)
    {
        // A Binding request of 20 octets from IPv6, whose answer has 44.
        var tuple = new FiveTuple(transport, TurnWorld.Bridge6, TurnWorld.Bridge);
        var person = new TurnPerson(_world, tuple, "", "");
        var writer = new StunWriter(new byte[20], StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 2));
        Assert.Equal(expected, person.Exchange(writer.Written).Length);
        Assert.Equal(expected == 0 ? 1 : 0, _world.Server.Counters.Refused(TurnRefusal.Amplification));
    }

    [Fact]
    public void Wrong_passwords_and_names_of_others_are_refused_with_the_same_answer()
    {
        var name = RestCredentials.Username(_world.Utc.AddHours(1), "ann");
        foreach (var (username, password) in new[] { (name, "wrong"), (name + "x", RestCredentials.Password(TurnWorld.Secret, name)), ("ann", "x"), (name, RestCredentials.Password("another secret", name)) })
        {
            var mallory = new TurnPerson(_world, _world.Tuple(), username, password);
            Assert.Equal(TurnErrorCode.Unauthenticated, mallory.Asks(mallory.Messages.Allocate()));
            var answer = mallory.Exchange(mallory.Messages.Allocate());
            Assert.Equal(TurnErrorCode.Unauthenticated, mallory.Messages.Read(answer)!.Error);
            Assert.True(StunMessage.TryParse(answer, out var message) && !message.HasMessageIntegrity);
        }

        Assert.Equal(4, _world.Server.Counters.Refused(TurnRefusal.Credentials));
        Assert.Equal(0, _world.OpenRelays);
    }

    [Fact]
    public void A_name_whose_time_is_over_makes_no_allocation_and_keeps_the_one_it_has()
    {
        var ann = _world.Person(lifetime: TimeSpan.FromMinutes(8));
        ann.Connects();
        _world.Passes(TimeSpan.FromMinutes(9));
        Assert.Equal(0, ann.Says(() => ann.Messages.Refresh(600)).Error);
        Assert.NotNull(ann.Relays(TurnClientMessages.Channel(0x4000, "on"u8)));
        Assert.Equal(0, ann.Says(() => ann.Messages.Refresh(0)).Error);
        Assert.Equal(TurnErrorCode.Unauthenticated, ann.Allocates().Error);
        Assert.True(_world.Server.Counters.Refused(TurnRefusal.Expired) > 0);
    }

    [Fact]
    public void A_nonce_grows_stale_and_the_new_one_is_in_the_answer()
    {
        var ann = _world.Person();
        Assert.Equal(TurnErrorCode.Unauthenticated, ann.Asks(ann.Messages.Allocate()));
        _world.Passes(TurnLimits.NonceLifetime);
        Assert.Equal(TurnErrorCode.StaleNonce, ann.Asks(ann.Messages.Allocate()));
        Assert.Equal(0, ann.Asks(ann.Messages.Allocate()));
    }

    [Fact]
    public void A_nonce_is_of_one_client_alone()
    {
        var ann = _world.Person();
        Assert.Equal(TurnErrorCode.Unauthenticated, ann.Asks(ann.Messages.Allocate()));
        var elsewhere = _world.Person(port: 40001);
        Assert.Equal(TurnErrorCode.StaleNonce, elsewhere.Asks(ann.Messages.Allocate()));
    }

    [Fact]
    public void Somebody_elses_allocation_is_not_touched()
    {
        var ann = _world.Person().Connects();
        var bob = _world.Person("bob");
        Assert.Equal(TurnErrorCode.WrongCredentials, bob.Says(() => bob.Messages.Refresh(0)).Error);
        Assert.NotNull(ann.Relays(TurnClientMessages.Channel(0x4000, "still"u8)));
    }

    [Fact]
    public void Credentials_that_are_not_whole_are_a_bad_request()
    {
        var writer = new StunWriter(new byte[256], StunClass.Request, TurnMethod.Allocate, new StunTransactionId(1, 2));
        writer.AddText(StunAttribute.Username, "1:ann");
        writer.AddMessageIntegrity("key"u8);
        var person = _world.Person();
        Assert.Equal(TurnErrorCode.BadRequest, person.Asks(writer.Written.ToArray()));
    }

    [Fact]
    public void One_address_gets_so_many_answers_a_second_and_others_go_on()
    {
        var ann = _world.Person();
        for (var i = 0; i < 200; i++) ann.Exchange(ann.Messages.Allocate());
        Assert.Equal(100, _world.Server.Counters.Refused(TurnRefusal.Flood));
        var bob = _world.Person("bob", address: 0xC6336402);
        Assert.Equal(0, bob.Allocates().Error);
        _world.Passes(TimeSpan.FromSeconds(1));
        Assert.Equal(TurnErrorCode.Unauthenticated, ann.Asks(ann.Messages.Allocate()));
    }

    [Fact]
    public void All_addresses_together_get_so_many_answers_a_second()
    {
        for (var i = 0u; i < 6000; i++)
        {
            var somebody = _world.Person(address: 0x0B000000 + i);
            somebody.Exchange(somebody.Messages.Allocate());
        }

        Assert.Equal(1000, _world.Server.Counters.Refused(TurnRefusal.Flood));
    }
}
