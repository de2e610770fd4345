using JitsiMesh.Ice;
using JitsiMesh.Ice.Stun;
using JitsiMesh.MediaBridge.Discovery;
using JitsiMesh.MediaBridge.Tests.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Discovery;

/// <summary>The questions to STUN servers in virtual time, and servers that answer as they should not.</summary>
public sealed class AddressDiscoveryTests : IDisposable
{
    private static readonly TransportAddress Local = Address("192.168.1.20", 10000);
    private static readonly TransportAddress Other = Address("10.8.0.2", 10000);
    private static readonly TransportAddress Server = Address("203.0.113.9", 3478);
    private static readonly TransportAddress Second = Address("203.0.113.10", 3478);
    private static readonly TransportAddress Public = Address("198.51.100.1", 10000);
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(3600);
    private readonly FakePort _port = new(Local);
    private readonly AddressDiscovery _discovery = new(new SeededRandomSource(75));
    private readonly List<DiscoveryResult> _ended = [];
    private readonly List<DiscoveryResult> _sofar = [];

    public void Dispose() => _port.Dispose();

    [Fact]
    public void An_answer_from_where_it_was_asked_tells_the_address_of_the_media_port()
    {
        Begin(Server);
        var question = _port.Sent.Dequeue();
        Assert.Equal((Local, Server), (question.Source, question.Destination));
        Assert.True(_discovery.TryHandle(Answer(question.Bytes, Public), Local, Server, Start + TimeSpan.FromMilliseconds(40)));
        var result = Assert.Single(_ended);
        Assert.Equal(new LearnedAddress(Public, Local), Assert.Single(result.Learned));
        Assert.Equal((1, 1, 0, false), (result.Asked, result.Answered, result.Refused, result.PortsDiffer));
        Assert.Equal(MonotonicTime.Never, _discovery.NextTimeout);

        // The same again is nothing any more.
        Assert.False(_discovery.TryHandle(Answer(question.Bytes, Public), Local, Server, Start + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Silence_is_asked_again_at_growing_intervals_and_ends_after_ten_seconds()
    {
        Begin(Server, Second);
        var times = new List<double> { 0, 0 };
        _port.Sent.Clear();
        for (var now = Start; _ended.Count == 0; now = _discovery.NextTimeout)
        {
            _discovery.HandleTimeout(now);
            for (; _port.Sent.Count > 0; _port.Sent.Dequeue()) times.Add((now - Start).TotalSeconds);
            Assert.True(now - Start <= DiscoveryLimits.RoundLimit);
        }

        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5], times.Distinct());
        Assert.Equal(10, times.Count);
        Assert.Empty(Assert.Single(_ended).Learned);
    }

    [Theory]
    [InlineData("another transaction")]
    [InlineData("another sender")]
    [InlineData("another port of ours")]
    [InlineData("a request")]
    [InlineData("a broken fingerprint")]
    [InlineData("cut short")]
    [InlineData("media")]
    public void What_is_no_answer_to_the_question_changes_nothing(string what)
    {
        Begin(Server);
        var question = _port.Sent.Dequeue();
        var answer = Answer(question.Bytes, Public, fingerprint: true);
        var (local, remote) = (Local, Server);
        switch (what)
        {
            case "another transaction":
                answer = Answer(question.Bytes, Public);
                answer[19] ^= 1;
                break;
            case "another sender":
                remote = Second;
                break;
            case "another port of ours":
                local = Other;
                break;
            case "a request":
                answer = question.Bytes.ToArray();
                break;
            case "a broken fingerprint":
                answer[^1] ^= 1;
                break;
            case "cut short":
                answer = answer[..^5];
                break;
            default:
                answer = [0x80, 0x60, .. new byte[40]];
                break;
        }

        Assert.False(_discovery.TryHandle(answer, local, remote, Start));
        Assert.Empty(_sofar);

        // The true one still counts.
        Assert.True(_discovery.TryHandle(Answer(question.Bytes, Public), Local, Server, Start));
        Assert.Equal(Public, Assert.Single(Assert.Single(_ended).Learned).Mapped);
    }

    [Theory]
    [InlineData("127.0.0.1", 10000)]
    [InlineData("0.0.0.0", 10000)]
    [InlineData("224.0.0.5", 10000)]
    [InlineData("255.255.255.255", 10000)]
    [InlineData("169.254.169.254", 10000)]
    [InlineData("198.51.100.1", 0)]
    [InlineData("2001:db8::1", 10000)]
    public void An_address_that_no_client_could_use_is_refused(string mapped, int port)
    {
        Begin(Server);
        var question = _port.Sent.Dequeue();
        Assert.True(_discovery.TryHandle(Answer(question.Bytes, Address(mapped, port)), Local, Server, Start));
        var result = Assert.Single(_ended);
        Assert.Empty(result.Learned);
        Assert.Equal((0, 1), (result.Answered, result.Refused));
    }

    [Fact]
    public void A_server_that_refuses_and_one_that_sends_the_largest_datagram_cost_no_more_than_their_answer()
    {
        Begin(Server, Second);
        var (first, second) = (_port.Sent.Dequeue(), _port.Sent.Dequeue());
        var writer = new StunWriter(stackalloc byte[256], StunClass.ErrorResponse, StunMethod.Binding, Id(first.Bytes));
        writer.AddErrorCode(401, "Unauthenticated");
        Assert.True(_discovery.TryHandle(writer.Written, Local, Server, Start));

        // 64 KiB of one unknown attribute, with the true transaction.
        var huge = new byte[65_504];
        Answer(second.Bytes, Public).AsSpan(0, 20).CopyTo(huge);
        (huge[2], huge[3]) = ((byte)((huge.Length - 20) >> 8), (byte)((huge.Length - 20) & 0xFF));
        (huge[20], huge[21], huge[22], huge[23]) = (0x80, 0x22, (byte)((huge.Length - 24) >> 8), (byte)((huge.Length - 24) & 0xFF));
        _discovery.TryHandle(huge, Local, Second, Start);
        _discovery.HandleTimeout(Start + DiscoveryLimits.RoundLimit);
        Assert.Empty(Assert.Single(_ended).Learned);
    }

    [Fact]
    public void A_port_for_each_destination_is_told_apart()
    {
        Begin(Server, Second);
        _discovery.TryHandle(Answer(_port.Sent.Dequeue().Bytes, Public with { Port = 40001 }), Local, Server, Start);
        Assert.Single(_sofar);
        _discovery.TryHandle(Answer(_port.Sent.Dequeue().Bytes, Public with { Port = 40002 }), Local, Second, Start);
        Assert.True(Assert.Single(_ended).PortsDiffer);
        Assert.Equal(2, _ended[0].Answered);
    }

    [Fact]
    public void Changed_answers_are_taken_whole_or_not_at_all()
    {
        var random = new SeededRandomSource(76);
        for (var run = 0; run < 20_000; run++)
        {
            Begin(Server);
            var answer = Answer(_port.Sent.Dequeue().Bytes, Public, fingerprint: run % 2 == 0);
            for (var i = random.NextInt(4); i >= 0; i--) answer[random.NextInt(answer.Length)] = (byte)random.NextInt(256);
            _discovery.TryHandle(answer.AsSpan(0, random.NextInt(answer.Length + 1)), Local, Server, Start);
            _discovery.HandleTimeout(Start + DiscoveryLimits.RoundLimit);
            Assert.All(_ended[^1].Learned, l => Assert.Equal((AddressScope.Global, true), (CandidateScope.Of(l.Mapped), l.Mapped.Port != 0)));
            Assert.Equal(run + 1, _ended.Count);
        }
    }

    [Fact]
    public void Only_so_many_servers_are_asked()
    {
        Begin([.. Enumerable.Range(1, 100).Select(i => Server with { Port = (ushort)i })]);
        Assert.Equal(DiscoveryLimits.MaxServers, _port.Sent.Count);
    }

    [Fact]
    public void In_a_call_the_answers_come_by_the_same_socket_and_a_participant_that_names_the_servers_address_keeps_nobody_from_hearing()
    {
        using var call = new BridgeCall(77);
        var a = call.Join(new() { Id = "aaaa0001" });
        var b = call.Join(new() { Id = "bbbb0002" });
        call.Until(() => a.IsConnected && b.IsConnected);

        // A participant says that it is at the server's address.
        call[a.Id].Transport.Ice.AddRemoteCandidate(Candidate.CreateHost(Server), call.Network.Now);
        call[a.Id].DrainTransport(call.Network.Now);
        call.Shard.Discovery = new AddressDiscovery(new SeededRandomSource(1));
        call.Port.Sent.Clear();
        call.Shard.Discovery.Begin([call.Port], [Server], DiscoveryLimits.RoundLimit, call.Network.Now, _sofar.Add, result =>
        {
            call.Shard.Candidates.SetLearned(result.Learned);
            _ended.Add(result);
        });
        var question = call.Port.Sent.Single(d => d.Destination == Server);
        call.Shard.HandleDatagram(Answer(question.Bytes, Public), call.Port.Local, Server, call.Network.Now);
        Assert.Single(_ended);

        var c = call.Join(new() { Id = "cccc0003" });
        Assert.Contains(call.Shard.Candidates.For(false, 0), x => x.Address == Public && x.Type == CandidateType.ServerReflexive && x.RelatedAddress == call.Port.Local);
        call.Until(() => c.IsConnected);
    }

    private void Begin(params TransportAddress[] servers) =>
        _discovery.Begin([_port], servers, DiscoveryLimits.RoundLimit, Start, _sofar.Add, _ended.Add);

    private static StunTransactionId Id(ReadOnlyMemory<byte> question) => StunDemux.TryGetTransaction(question.Span, out var id) ? id : throw new FormatException();

    private static byte[] Answer(ReadOnlyMemory<byte> question, TransportAddress mapped, bool fingerprint = false)
    {
        var writer = new StunWriter(stackalloc byte[256], StunClass.SuccessResponse, StunMethod.Binding, Id(question));
        writer.AddXorMappedAddress(mapped);
        writer.AddText(StunAttribute.Software, "a server of the test's");
        if (fingerprint) writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private static TransportAddress Address(string address, int port) => TransportAddress.TryParse(address, port, out var result) ? result : throw new FormatException(address);
}
