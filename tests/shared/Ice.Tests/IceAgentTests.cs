using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests;

/// <summary>One agent against hand-made messages.</summary>
public class IceAgentTests
{
    private static readonly TransportAddress Local = TransportAddress.FromIPv4(0x0A000001, 10000);
    private static readonly TransportAddress Remote = TransportAddress.FromIPv4(0x0A000002, 50000);
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(1);

    private readonly IceAgent _agent = new(new IceAgentOptions { Ufrag = "bridge", Password = "bridge-password-of-22-chars" }, new SeededRandomSource(1));

    public IceAgentTests() => _agent.AddLocalCandidate(Candidate.CreateHost(Local));

    [Fact]
    public void HandleStun_GoodRequest_AnswersWithTheAddressItSaw()
    {
        Assert.Equal(IceInput.RequestAnswered, Handle(Request()));
        Assert.True(_agent.TryDequeueTransmit(out var transmit));
        Assert.Equal((Local, Remote), (transmit.Local, transmit.Remote));
        Assert.True(StunMessage.TryParse(transmit.Datagram.Span, out var answer));
        Assert.Equal(StunClass.SuccessResponse, answer.Class);
        Assert.True(answer.TryGetXorMappedAddress(out var mapped));
        Assert.Equal(Remote, mapped);
        Assert.True(answer.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(_agent.Password)));
        Assert.True(answer.HasFingerprint && answer.VerifyFingerprint());
    }

    [Fact]
    public void HandleStun_WrongPassword_Is401AndTeachesNothing()
    {
        Assert.Equal(IceInput.BadCredentials, Handle(Request(password: "wrong")));
        Assert.Equal(StunErrorCode.Unauthenticated, DequeueError(authentic: false));
        _agent.SetRemoteCredentials("client", "client-password", Start);
        Assert.False(_agent.TryDequeueTransmit(out _));
    }

    [Fact]
    public void HandleStun_UfragOfAnother_Is401() => Assert.Equal((IceInput.BadCredentials, 401), (Handle(Request(username: "other:client")), DequeueError(authentic: false)));

    [Fact]
    public void HandleStun_NoCredentials_Is400() => Assert.Equal((IceInput.MissingCredentials, 400), (Handle(Request(password: null)), DequeueError(authentic: false)));

    [Fact]
    public void HandleStun_UnknownRequiredAttribute_Is420AndNamesIt()
    {
        Assert.Equal(IceInput.UnknownAttribute, Handle(Request(extra: (StunAttribute)0x7A7A)));
        Assert.True(_agent.TryDequeueTransmit(out var transmit));
        Assert.True(StunMessage.TryParse(transmit.Datagram.Span, out var answer));
        Assert.True(answer.TryGetErrorCode(out var code) && code == 420);
        Assert.True(answer.TryGetAttribute(StunAttribute.UnknownAttributes, out var types));
        Assert.Equal([0x7A, 0x7A], types.ToArray());
    }

    [Fact]
    public void HandleStun_UnknownOptionalAttribute_IsAnswered() => Assert.Equal(IceInput.RequestAnswered, Handle(Request(extra: (StunAttribute)0xC057)));

    [Fact]
    public void HandleStun_ControllingWithSmallerTieBreaker_Is487AndKeepsTheRole()
    {
        Assert.Equal(IceInput.RoleConflictAnswered, Handle(Request(role: StunAttribute.IceControlling, tieBreaker: 0)));
        Assert.Equal(StunErrorCode.RoleConflict, DequeueError(authentic: true));
        Assert.Equal(IceRole.Controlling, _agent.Role);
    }

    [Fact]
    public void HandleStun_ControllingWithLargerTieBreaker_SwitchesAndAnswers()
    {
        Assert.Equal(IceInput.RequestAnswered, Handle(Request(role: StunAttribute.IceControlling, tieBreaker: ulong.MaxValue)));
        Assert.Equal(IceRole.Controlled, _agent.Role);
        Assert.True(_agent.TryDequeueEvent(out var iceEvent));
        Assert.Equal(new IceEvent.RoleChanged(IceRole.Controlled), iceEvent);
    }

    [Fact]
    public void HandleStun_FlippedFingerprint_IsDropped()
    {
        var request = Request();
        request[^1] ^= 1;
        Assert.Equal(IceInput.BadFingerprint, Handle(request));
        Assert.False(_agent.TryDequeueTransmit(out _));
    }

    [Fact]
    public void HandleStun_ResponseToNothing_IsUnknown()
    {
        var writer = new StunWriter(new byte[200], StunClass.SuccessResponse, StunMethod.Binding, new StunTransactionId(1, 2));
        writer.AddXorMappedAddress(Local);
        Assert.Equal(IceInput.UnknownTransaction, Handle(writer.Written));
    }

    [Fact]
    public void HandleStun_ResponseWithWrongPassword_EndsNothing()
    {
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote), Start);
        _agent.SetRemoteCredentials("client", "client-password", Start);
        Assert.True(_agent.TryDequeueTransmit(out var check));
        Assert.True(StunMessage.TryParse(check.Datagram.Span, out var request));
        Assert.True(request.TryGetUsername(out var username));
        Assert.Equal("client:bridge", Encoding.UTF8.GetString(username));
        Assert.Equal(IceInput.BadCredentials, Handle(Response(request.TransactionId, "forged")));
        Assert.Equal(IceInput.ResponseAccepted, Handle(Response(request.TransactionId, "client-password")));
        Assert.Equal(IceState.Connected, _agent.State);
    }

    [Fact]
    public void HandleStun_ResponseFromAnotherAddress_FailsThePair()
    {
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote), Start);
        _agent.SetRemoteCredentials("client", "client-password", Start);
        Assert.True(_agent.TryDequeueTransmit(out var check));
        Assert.True(StunMessage.TryParse(check.Datagram.Span, out var request));
        var response = Response(request.TransactionId, "client-password");
        Assert.Equal(IceInput.CheckRefused, _agent.HandleStun(response, Local, Remote with { Port = 50001 }, Start));
        Assert.Equal(IceState.Checking, _agent.State);
        Assert.False(_agent.TryGetSelectedPair(out _, out _));
    }

    [Fact]
    public void HandleTimeout_NoAnswer_DoublesFromHalfASecondTo1600Milliseconds()
    {
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote), Start);
        _agent.SetRemoteCredentials("client", "client-password", Start);
        var sent = new List<long>();
        var now = Start;
        while (now < Start + TimeSpan.FromSeconds(20))
        {
            while (_agent.TryDequeueTransmit(out _)) sent.Add((now - Start).Ticks / TimeSpan.TicksPerMillisecond);
            now = _agent.NextTimeout;
            _agent.HandleTimeout(now);
        }

        Assert.Equal([0, 500, 1500, 3100, 4700, 6300, 7900], sent);
    }

    [Fact]
    public void HandleStun_UseCandidateOnEveryCheck_EndsOnTheBestPairAndFollowsALaterChoice()
    {
        var agent = new IceAgent(
            new IceAgentOptions { Role = IceRole.Controlled, Ufrag = "bridge", Password = "bridge-password-of-22-chars" }, new SeededRandomSource(1));
        agent.AddLocalCandidate(Candidate.CreateHost(Local));
        agent.SetRemoteCredentials("client", "client-password", Start);
        var better = Remote with { Port = 50002 };
        var now = Start;
        foreach (var (remote, priority) in new[] { (Remote, 1000u), (better, 2000u), (Remote, 1000u) })
        {
            now += TimeSpan.FromMilliseconds(100);
            agent.HandleStun(Request(role: StunAttribute.IceControlling, priority: priority, useCandidate: true), Local, remote, now);
            while (agent.TryDequeueTransmit(out var transmit))
            {
                if (StunMessage.TryParse(transmit.Datagram.Span, out var check) && check.Class == StunClass.Request)
                {
                    agent.HandleStun(Response(check.TransactionId, "client-password"), Local, transmit.Remote, now);
                }
            }
        }

        Assert.Equal(IceState.Completed, agent.State);
        Assert.True(agent.TryGetSelectedPair(out _, out var selected));
        Assert.Equal(better, selected);

        agent.HandleStun(Request(role: StunAttribute.IceControlling, priority: 1000, useCandidate: true), Local, Remote, now + TimeSpan.FromSeconds(3));
        Answer(agent, now + TimeSpan.FromSeconds(3));
        Assert.True(agent.TryGetSelectedPair(out _, out selected));
        Assert.Equal(Remote, selected);
    }

    [Theory]
    [InlineData(IceRole.Controlling)]
    [InlineData(IceRole.Controlled)]
    public void HandleStun_ReplayedNominationOfAPairThatWorkedOnce_LeavesTheSelectedOne(IceRole role)
    {
        var agent = new IceAgent(new IceAgentOptions { Role = role, Ufrag = "bridge", Password = "bridge-password-of-22-chars" }, new SeededRandomSource(1));
        agent.AddLocalCandidate(Candidate.CreateHost(Local));
        agent.SetRemoteCredentials("client", "client-password", Start);
        var theirs = role == IceRole.Controlling ? StunAttribute.IceControlled : StunAttribute.IceControlling;
        var replayed = Request(role: theirs, useCandidate: true);
        var (old, working) = role == IceRole.Controlling ? (Remote with { Port = 50002 }, Remote) : (Remote, Remote with { Port = 50002 });
        var now = Start;
        foreach (var remote in new[] { Remote, Remote with { Port = 50002 } })
        {
            now += TimeSpan.FromSeconds(3);
            for (var i = 0; i < 3; i++)
            {
                now += TimeSpan.FromMilliseconds(100);
                agent.HandleStun(Request(role: theirs, useCandidate: true), Local, remote, now);
                Answer(agent, now);
            }
        }

        AssertSelected(working);
        for (var i = 0; i < 40; i++)
        {
            now += TimeSpan.FromMilliseconds(500);
            agent.HandleStun(replayed, Local, old, now);
            agent.HandleStun(replayed, Local, Remote with { Port = (ushort)(100 + i) }, now);
            Answer(agent, now, to: working);
            AssertSelected(working);
        }

        void AssertSelected(TransportAddress expected)
        {
            Assert.True(agent.TryGetSelectedPair(out _, out var selected));
            Assert.Equal(expected, selected);
        }
    }

    [Fact]
    public void SetRemoteCredentials_TheSameAgain_ChangesNothing()
    {
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote), Start);
        _agent.SetRemoteCredentials("client", "client-password", Start);
        Assert.True(_agent.TryDequeueTransmit(out _));
        _agent.SetRemoteCredentials("client", "client-password", Start);
        Assert.False(_agent.TryDequeueTransmit(out _));
    }

    [Fact]
    public void HandleStun_ManyRemoteAddresses_StayWithinTheLimits()
    {
        _agent.SetRemoteCredentials("client", "client-password", Start);
        for (ushort port = 1; port < 2000; port++)
        {
            Assert.Equal(IceInput.RequestAnswered, _agent.HandleStun(Request(), Local, Remote with { Port = port }, Start));
        }

        Assert.InRange(_agent.Checks.Pairs.Count, 1, IceLimits.MaxRemoteCandidates);
        var queued = 0;
        while (_agent.TryDequeueTransmit(out _)) queued++;
        Assert.InRange(queued, 1, IceLimits.MaxQueued);
    }

    [Fact]
    public void HandleStun_ManyEarlyChecks_KeepsTheLast()
    {
        for (ushort port = 1; port <= 100; port++) _agent.HandleStun(Request(), Local, Remote with { Port = port }, Start);
        _agent.SetRemoteCredentials("client", "client-password", Start);
        Assert.Equal(IceLimits.MaxEarlyChecks, _agent.Checks.Pairs.Count);
        Assert.NotNull(_agent.Checks.Find(Local, Remote with { Port = 100 }));
    }

    [Fact]
    public void AddRemoteCandidate_OfAnotherComponentOrProtocol_IsIgnored()
    {
        _agent.SetRemoteCredentials("client", "client-password", Start);
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote) with { Protocol = "tcp" }, Start);
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote) with { Component = 2 }, Start);
        Assert.Empty(_agent.Checks.Pairs);
    }

    [Fact]
    public void Close_WhileChecking_IsSilentForGood()
    {
        _agent.AddRemoteCandidate(Candidate.CreateHost(Remote), Start);
        _agent.SetRemoteCredentials("client", "client-password", Start);
        _agent.Close();
        Assert.Equal(MonotonicTime.Never, _agent.NextTimeout);
        Assert.Equal(IceInput.AgentEnded, Handle(Request()));
        Assert.Equal(IceState.Closed, _agent.State);
    }

    [Fact]
    public void Credentials_OfTwoAgents_AreIceCharsOfTheRequiredLengthAndDiffer()
    {
        var random = new SeededRandomSource(2);
        var first = new IceAgent(new IceAgentOptions(), random);
        var second = new IceAgent(new IceAgentOptions(), random);
        Assert.InRange(second.Ufrag.Length, 4, 256);
        Assert.InRange(second.Password.Length, 22, 256);
        Assert.NotEqual(first.Password, second.Password);
        Assert.All(first.Ufrag + first.Password, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '+' or '/'));
    }

    private static byte[] Request(
        string username = "bridge:client",
        string? password = "bridge-password-of-22-chars",
        StunAttribute role = StunAttribute.IceControlled,
        ulong tieBreaker = 5,
        StunAttribute? extra = null,
        uint priority = 1000,
        bool useCandidate = false)
    {
        var writer = new StunWriter(new byte[500], StunClass.Request, StunMethod.Binding, new StunTransactionId(7, 8));
        writer.AddText(StunAttribute.Username, username);
        writer.AddPriority(priority);
        writer.AddTieBreaker(role, tieBreaker);
        if (useCandidate) writer.AddUseCandidate();
        if (extra is { } type) writer.AddBytes(type, [1, 2, 3]);
        if (password is not null) writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private static byte[] Response(StunTransactionId id, string password)
    {
        var writer = new StunWriter(new byte[500], StunClass.SuccessResponse, StunMethod.Binding, id);
        writer.AddXorMappedAddress(Local);
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    /// <summary>Answers the agent's checks, all or those to one address.</summary>
    private static void Answer(IceAgent agent, MonotonicTime now, TransportAddress? to = null)
    {
        agent.HandleTimeout(now);
        while (agent.TryDequeueTransmit(out var transmit))
        {
            if (to is { } only && transmit.Remote != only) continue;
            if (!StunMessage.TryParse(transmit.Datagram.Span, out var check) || check.Class != StunClass.Request) continue;
            agent.HandleStun(Response(check.TransactionId, "client-password"), Local, transmit.Remote, now);
        }
    }

    private IceInput Handle(ReadOnlySpan<byte> datagram) => _agent.HandleStun(datagram, Local, Remote, Start);

    private int DequeueError(bool authentic)
    {
        Assert.True(_agent.TryDequeueTransmit(out var transmit));
        Assert.True(StunMessage.TryParse(transmit.Datagram.Span, out var answer));
        Assert.Equal(StunClass.ErrorResponse, answer.Class);
        Assert.Equal(authentic, answer.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(_agent.Password)));
        Assert.True(answer.TryGetErrorCode(out var code));
        return code;
    }
}
