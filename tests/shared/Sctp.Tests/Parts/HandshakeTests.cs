using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Setup;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests.Parts;

public sealed class HandshakeTests
{
    private readonly RecordedAssociation _client = new();
    private readonly RecordedAssociation _server = new(new SctpOptions { IsServer = true }, seed: 2);
    private readonly Handshake _opening;
    private readonly Handshake _answering;

    public HandshakeTests()
    {
        _opening = new Handshake(_client.State, _client);
        _answering = new Handshake(_server.State, _server);
    }

    [Fact]
    public void Both_parts_alone_make_an_association_with_each_others_tags()
    {
        Connect();
        Assert.Equal(["built " + _server.State.LocalInitialTsn, "established"], _client.Asked);
        Assert.Equal(["built " + _client.State.LocalInitialTsn, "established"], _server.Asked);
        Assert.Equal((SctpState.Established, SctpState.Established), (_client.State.State, _server.State.State));
        Assert.Equal((_client.State.LocalTag, _client.State.PeerTag), (_server.State.PeerTag, _server.State.LocalTag));
        Assert.Equal((MonotonicTime.Never, MonotonicTime.Never), (_opening.T1, _answering.T1));
    }

    [Fact]
    public void An_init_changes_nothing_of_the_server()
    {
        _opening.Start(_client.Now);
        _answering.HandleInit(new TypedValue(Assert.Single(_client.TakeChunks())), _server.Now);
        Assert.Equal([ChunkType.InitAck], _server.TakeTypes());
        Assert.Empty(_server.Asked);
        Assert.Equal((SctpState.Closed, 0u, 0u), (_server.State.State, _server.State.LocalTag, _server.State.PeerTag));
    }

    [Fact]
    public void A_cookie_under_another_tag_than_its_own_is_not_accepted()
    {
        var echo = CookieEcho();
        _answering.HandleCookieEcho(_client.State.PeerTag + 1, new TypedValue(echo), _server.Now);
        Assert.Empty(_server.Asked);
        Assert.Equal(1, _server.State.Counters[SctpDrop.WrongVerificationTag]);
    }

    [Fact]
    public void A_cookie_that_is_too_old_is_reported_with_by_how_much()
    {
        var echo = CookieEcho();
        _answering.HandleCookieEcho(_client.State.PeerTag, new TypedValue(echo), _server.Now + TimeSpan.FromSeconds(61));
        Assert.Empty(_server.Asked);
        var error = Assert.Single(_server.TakeChunks());
        Assert.Equal([(byte)ChunkType.Error, 0, 0, 12, 0, 3, 0, 8, 0x00, 0x0F, 0x42, 0x40], error); // 1,000,000 microseconds
    }

    [Fact]
    public void A_cookie_that_comes_again_is_acknowledged_again_and_establishes_nothing()
    {
        var echo = Connect();
        _server.Asked.Clear();
        _answering.HandleCookieEcho(_server.State.LocalTag, new TypedValue(echo), _server.Now);
        Assert.Empty(_server.Asked);
        Assert.Equal([ChunkType.CookieAck], _server.TakeTypes());
    }

    [Fact]
    public void A_cookie_with_the_tags_of_the_present_association_restarts_it_before_it_builds_another()
    {
        Connect();
        _server.Asked.Clear();
        _client.State.State = SctpState.Closed;
        Connect();
        Assert.Equal(["restarted", "built " + _client.State.LocalInitialTsn, "established"], _server.Asked);
        Assert.Equal(_client.State.LocalTag, _server.State.PeerTag);
    }

    [Fact]
    public void Without_an_answer_the_init_is_repeated_with_doubled_waits_until_the_limit_ends_it()
    {
        var client = new RecordedAssociation(new SctpOptions { MaxRetransmissions = 2 });
        var handshake = new Handshake(client.State, client);
        handshake.Start(client.Now);
        Assert.Equal(client.Now + TimeSpan.FromMilliseconds(500), handshake.T1);
        handshake.HandleTimeout(client.Now = handshake.T1);
        Assert.Equal(client.Now + TimeSpan.FromSeconds(1), handshake.T1);
        handshake.HandleTimeout(client.Now = handshake.T1);
        Assert.Equal([ChunkType.Init, ChunkType.Init, ChunkType.Init], client.TakeTypes());
        Assert.Empty(client.Asked);
        handshake.HandleTimeout(handshake.T1);
        Assert.Equal(["down TooManyRetransmissions"], client.Asked);
    }

    [Fact]
    public void After_the_fourth_stale_cookie_the_client_gives_up()
    {
        for (var i = 0; i <= SctpLimits.MaxStaleCookies; i++)
        {
            Assert.DoesNotContain(_client.Asked, asked => asked.StartsWith("down", StringComparison.Ordinal));
            if (i == 0) CookieEcho();
            else Answer();
            _opening.HandleStaleCookie(_client.Now);
        }

        Assert.Equal("down StaleCookie", _client.Asked[^1]);
    }

    private byte[] Connect()
    {
        var echo = CookieEcho();
        _answering.HandleCookieEcho(_client.State.PeerTag, new TypedValue(echo), _server.Now);
        var ack = Assert.Single(_server.TakeChunks());
        Assert.Equal((byte)ChunkType.CookieAck, ack[0]);
        _opening.HandleCookieAck(_client.Now);
        return echo;
    }

    private byte[] CookieEcho()
    {
        _opening.Start(_client.Now);
        return Answer();
    }

    // The client's INIT is on its way.
    private byte[] Answer()
    {
        _answering.HandleInit(new TypedValue(Assert.Single(_client.TakeChunks())), _server.Now);
        _opening.HandleInitAck(new TypedValue(Assert.Single(_server.TakeChunks())), _client.Now);
        return Assert.Single(_client.TakeChunks());
    }
}
