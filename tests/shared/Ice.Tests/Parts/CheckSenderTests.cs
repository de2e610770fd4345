using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Parts;

public sealed class CheckSenderTests
{
    private static readonly TransportAddress Local = TransportAddress.FromIPv4(0x0A000001, 10000);
    private static readonly byte[] Password = Encoding.UTF8.GetBytes("password-of-the-remote");

    private readonly AgentOutput _output = new();
    private readonly RoleStrategy _role = new ControllingStrategy(new IceAgent(new IceAgentOptions(), new SeededRandomSource(9)));
    private MonotonicTime _now = MonotonicTime.FromSeconds(1);

    [Fact]
    public void A_check_that_is_not_answered_is_sent_again_with_doubled_waits_up_to_the_ceiling_and_then_handed_back()
    {
        var sender = Sender();
        var pair = Pair(1, answered: true);
        sender.Send(pair, CheckKind.Connectivity, _role, _now);
        var start = _now;
        var times = new List<double>();
        List<Check>? expired;
        while ((expired = sender.Advance(_now = sender.NextTimeout)) is null) times.Add((_now - start).TotalSeconds);
        Assert.Equal([0.5, 1.5, 3.1, 4.7, 6.3, 7.9], times);
        Assert.Equal(pair, Assert.Single(expired).Pair);
        Assert.Equal(7, Transmitted().Count);
        Assert.True(sender.Forget(expired[0]));
        Assert.False(sender.Forget(expired[0]));
        Assert.Equal(MonotonicTime.Never, sender.NextTimeout);
    }

    [Fact]
    public void Consent_checks_are_never_repeated_and_are_not_the_check_of_a_pair()
    {
        var sender = Sender();
        var pair = Pair(1, answered: true);
        sender.Send(pair, CheckKind.Consent, _role, _now);
        Assert.Equal(MonotonicTime.Never, sender.NextTimeout);
        Assert.Null(sender.FindOf(pair));
        sender.Send(pair, CheckKind.Nomination, _role, _now);
        sender.ForgetConsent();
        Assert.Equal(CheckKind.Nomination, sender.FindOf(pair)!.Kind);
        Assert.Null(sender.Match(Response(Transmitted()[1], Password), out _));
    }

    [Fact]
    public void A_nomination_carries_use_candidate_and_each_check_the_tie_breaker_of_now()
    {
        var sender = Sender();
        var first = sender.TieBreaker;
        sender.Send(Pair(1), CheckKind.Connectivity, _role, _now);
        sender.ChangeTieBreaker();
        sender.Send(Pair(2), CheckKind.Nomination, _role, _now);
        var sent = Transmitted();
        Assert.Equal((first, false), Read(sent[0]));
        Assert.Equal((sender.TieBreaker, true), Read(sent[1]));
        Assert.NotEqual(first, sender.TieBreaker);

        static (ulong, bool) Read(byte[] datagram)
        {
            Assert.True(StunMessage.TryParse(datagram, out var message));
            Assert.True(message.TryGetTieBreaker(StunAttribute.IceControlling, out var tieBreaker));
            return (tieBreaker, message.HasAttribute(StunAttribute.UseCandidate));
        }
    }

    [Fact]
    public void Only_so_many_checks_go_to_addresses_that_never_answered()
    {
        var sender = Sender();
        for (var i = 0; i < IceLimits.UnansweredBurst; i++) Assert.True(sender.MaySend(Pair(i), _now));
        Assert.False(sender.MaySend(Pair(99), _now));
        Assert.True(sender.MaySend(Pair(99, answered: true), _now));
        Assert.Equal(1, sender.Withheld);
    }

    [Fact]
    public void A_response_ends_its_check_only_under_the_remotes_password()
    {
        var sender = Sender();
        var pair = Pair(1);
        sender.Send(pair, CheckKind.Connectivity, _role, _now);
        var request = Transmitted()[0];
        Assert.Equal(IceInput.BadCredentials, sender.Match(Response(request, "wrong"u8), out _));
        Assert.NotNull(sender.FindOf(pair));
        Assert.Null(sender.Match(Response(request, Password), out var check));
        Assert.Equal(pair, check.Pair);
        Assert.Equal(IceInput.UnknownTransaction, sender.Match(Response(request, Password), out _));
    }

    [Fact]
    public void A_check_is_hurried_once_in_half_its_first_wait()
    {
        var sender = Sender();
        var pair = Pair(1, answered: true);
        sender.Send(pair, CheckKind.Connectivity, _role, _now);
        sender.Hurry(sender.FindOf(pair)!, _now + TimeSpan.FromMilliseconds(200));
        Assert.Single(Transmitted());
        sender.Hurry(sender.FindOf(pair)!, _now + TimeSpan.FromMilliseconds(250));
        Assert.Single(Transmitted());
        Assert.Equal(_now + TimeSpan.FromMilliseconds(750), sender.NextTimeout);
    }

    private static CandidatePair Pair(int remote, bool answered = false) =>
        new(Candidate.CreateHost(Local), Candidate.CreateHost(Local with { Port = (ushort)(20000 + remote) }), IceRole.Controlling) { HasAnswered = answered };

    private static StunMessage Response(byte[] request, ReadOnlySpan<byte> password)
    {
        Assert.True(StunMessage.TryParse(request, out var asked));
        var writer = new StunWriter(new byte[StunLimits.MaxBuiltSize], StunClass.SuccessResponse, StunMethod.Binding, asked.TransactionId);
        writer.AddXorMappedAddress(Local);
        writer.AddMessageIntegrity(password);
        writer.AddFingerprint();
        Assert.True(StunMessage.TryParse(writer.Written.ToArray(), out var response));
        return response;
    }

    private CheckSender Sender()
    {
        var sender = new CheckSender(new IceAgentOptions(), new SeededRandomSource(1), IceAgent.CreateCheckBudget(), _output);
        sender.SetRemote("remote:local"u8.ToArray(), Password);
        return sender;
    }

    private List<byte[]> Transmitted()
    {
        var datagrams = new List<byte[]>();
        while (_output.TryDequeueTransmit(out var transmit)) datagrams.Add(transmit.Datagram.ToArray());
        return datagrams;
    }
}
