using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests;

/// <summary>How large a check gets, and how many a remote can have sent.</summary>
public sealed class CheckBoundsTests
{
    private static readonly TransportAddress Local = TransportAddress.FromIPv4(0x0A000001, 10000);
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(1);

    [Theory]
    [InlineData(IceRole.Controlling)]
    [InlineData(IceRole.Controlled)]
    public void The_longest_credentials_make_checks_and_answers_that_two_agents_understand(IceRole role)
    {
        var one = new IceAgent(new IceAgentOptions { Role = role, Ufrag = new string('a', 256), Password = new string('p', 256) }, new SeededRandomSource(1));
        var other = new IceAgent(
            new IceAgentOptions { Role = role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling, Ufrag = new string('b', 256), Password = new string('q', 256) },
            new SeededRandomSource(2));
        var remote = Local with { Port = 20000 };
        one.AddLocalCandidate(Candidate.CreateHost(Local));
        other.AddLocalCandidate(Candidate.CreateHost(remote));
        one.AddRemoteCandidate(Candidate.CreateHost(remote), Start);
        one.SetRemoteCredentials(other.Ufrag, other.Password, Start);
        other.SetRemoteCredentials(one.Ufrag, one.Password, Start);
        var longest = 0;
        for (var now = Start; now < Start + TimeSpan.FromSeconds(2); now += TimeSpan.FromMilliseconds(20))
        {
            one.HandleTimeout(now);
            other.HandleTimeout(now);
            while (one.TryDequeueTransmit(out var transmit)) other.HandleStun(Sized(transmit), transmit.Remote, transmit.Local, now);
            while (other.TryDequeueTransmit(out var transmit)) one.HandleStun(Sized(transmit), transmit.Remote, transmit.Local, now);
        }

        Assert.Equal((IceState.Completed, IceState.Completed), (one.State, other.State));
        Assert.InRange(longest, 20 + 4 + StunLimits.MaxUsernameBytes, StunLimits.MaxBuiltSize);

        ReadOnlySpan<byte> Sized(in IceTransmit transmit)
        {
            longest = Math.Max(longest, transmit.Datagram.Length);
            return transmit.Datagram.Span;
        }
    }

    [Fact]
    public void The_longest_refusal_has_room_too()
    {
        var agent = new IceAgent(new IceAgentOptions { Ufrag = new string('a', 256), Password = new string('p', 256) }, new SeededRandomSource(1));
        agent.AddLocalCandidate(Candidate.CreateHost(Local));
        var writer = new StunWriter(new byte[StunLimits.MaxMessageSize], StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 2));
        writer.AddText(StunAttribute.Username, $"{agent.Ufrag}:{new string('b', 256)}");
        for (ushort i = 0; i < 100; i++) writer.AddBytes((StunAttribute)(0x7000 + i), []);
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(agent.Password));
        writer.AddFingerprint();
        Assert.Equal(IceInput.UnknownAttribute, agent.HandleStun(writer.Written, Local, Local with { Port = 20000 }, Start));
        Assert.True(agent.TryDequeueTransmit(out var refusal));
        Assert.InRange(refusal.Datagram.Length, 1, StunLimits.MaxBuiltSize);
    }

    [Theory]
    [InlineData(257, 22)]
    [InlineData(2000, 22)]
    [InlineData(8, 257)]
    public void Credentials_that_no_check_could_carry_are_refused_before_anything_changes(int ufrag, int password)
    {
        var agent = new IceAgent(new IceAgentOptions(), new SeededRandomSource(1));
        agent.AddLocalCandidate(Candidate.CreateHost(Local));
        agent.AddRemoteCandidate(Candidate.CreateHost(Local with { Port = 20000 }), Start);
        Assert.Throws<ArgumentException>(() => agent.SetRemoteCredentials(new string('u', ufrag), new string('p', password), Start));
        Assert.Equal((IceState.New, (string?)null), (agent.State, agent.RemoteUfrag));
    }

    [Fact]
    public void Whoever_names_strangers_makes_us_send_a_bounded_number_of_checks_whatever_the_credentials()
    {
        var agent = new IceAgent(new IceAgentOptions(), new SeededRandomSource(3));
        for (ushort i = 0; i < 8; i++) agent.AddLocalCandidate(Candidate.CreateHost(Local with { Port = (ushort)(10000 + i) }));
        var sent = 0;
        var seconds = 0;
        for (var now = Start; seconds < 60; seconds++)
        {
            agent.SetRemoteCredentials($"client{seconds:00}", "client-password-of-22-chars", now);
            for (uint i = 0; i < 40; i++) agent.AddRemoteCandidate(Candidate.CreateHost(TransportAddress.FromIPv4(0x05060000 + ((uint)seconds << 6) + i, 5000)), now);
            for (var step = 0; step < 50; step++, now += TimeSpan.FromMilliseconds(20))
            {
                agent.HandleTimeout(now);
                while (agent.TryDequeueTransmit(out _)) sent++;
            }
        }

        Assert.InRange(sent, IceLimits.UnansweredBurst, IceLimits.UnansweredBurst + (IceLimits.UnansweredPerSecond * 60));
        Assert.True(agent.ChecksWithheld > 100);
    }

    [Fact]
    public void Checks_under_made_up_addresses_make_us_send_a_bounded_number_to_them_and_who_answers_still_connects()
    {
        var agent = new IceAgent(new IceAgentOptions { Ufrag = "bridge", Password = "bridge-password-of-22-chars" }, new SeededRandomSource(4));
        agent.AddLocalCandidate(Candidate.CreateHost(Local));
        agent.SetRemoteCredentials("client", "client-password-of-22-chars", Start);
        var checks = 0;
        var now = Start;
        for (uint i = 0; i < 3000; i++, now += TimeSpan.FromMilliseconds(5))
        {
            agent.HandleStun(Request(), Local, TransportAddress.FromIPv4(0x06000000 + i, 7000), now);
            while (agent.TryDequeueTransmit(out var transmit)) checks += IsRequest(transmit) ? 1 : 0;
        }

        Assert.InRange(checks, 1, IceLimits.UnansweredBurst + (IceLimits.UnansweredPerSecond * 16));

        // The client itself asks again until it is heard.
        var client = TransportAddress.FromIPv4(0x07000001, 7000);
        for (var i = 0; i < 100 && agent.State != IceState.Completed; i++, now += TimeSpan.FromMilliseconds(100))
        {
            agent.HandleStun(Request(), Local, client, now);
            while (agent.TryDequeueTransmit(out var transmit))
            {
                if (transmit.Remote != client || !IsRequest(transmit) || !StunMessage.TryParse(transmit.Datagram.Span, out var check)) continue;
                agent.HandleStun(Response(check.TransactionId), Local, client, now);
            }
        }

        Assert.Equal(IceState.Completed, agent.State);
    }

    private static bool IsRequest(in IceTransmit transmit) => StunMessage.TryParse(transmit.Datagram.Span, out var message) && message.Class == StunClass.Request;

    private static byte[] Request()
    {
        var writer = new StunWriter(new byte[500], StunClass.Request, StunMethod.Binding, new StunTransactionId(7, 8));
        writer.AddText(StunAttribute.Username, "bridge:client");
        writer.AddPriority(1000);
        writer.AddTieBreaker(StunAttribute.IceControlled, 5);
        writer.AddMessageIntegrity("bridge-password-of-22-chars"u8);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private static byte[] Response(StunTransactionId id)
    {
        var writer = new StunWriter(new byte[500], StunClass.SuccessResponse, StunMethod.Binding, id);
        writer.AddXorMappedAddress(Local);
        writer.AddMessageIntegrity("client-password-of-22-chars"u8);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
