using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Parts;

public sealed class PairSelectionTests
{
    private static readonly TransportAddress Local = TransportAddress.FromIPv4(0x0A000001, 10000);
    private static readonly IceAgentOptions Options = new();

    private readonly AgentOutput _output = new();
    private readonly CheckSender _sender;
    private readonly PairSelection _selection;
    private readonly RoleStrategy _role = new ControlledStrategy(new IceAgent(Options, new SeededRandomSource(9)));
    private MonotonicTime _now = MonotonicTime.FromSeconds(1);

    public PairSelectionTests()
    {
        var random = new SeededRandomSource(1);
        _sender = new CheckSender(Options, random, IceAgent.CreateCheckBudget(), _output);
        _selection = new PairSelection(Options, random, _sender, _output);
    }

    [Fact]
    public void The_owner_hears_of_each_change_of_the_pair_once()
    {
        var (one, other) = (Pair(1), Pair(2));
        _selection.Activate(one, _now);
        _selection.Activate(one, _now);
        _selection.Nominate(other, _now);
        Assert.Equal([one.RemoteAddress, other.RemoteAddress], Selected());
        Assert.Equal((other, other), (_selection.Active, _selection.Nominated));
    }

    [Fact]
    public void Consent_of_a_pair_on_probation_is_asked_for_at_once_and_runs_out_after_the_retries()
    {
        var pair = Pair(1);
        _selection.ActivateOnProbation(pair, _now);
        Assert.Equal(_now, _selection.NextTimeout);
        var asked = 0;
        var start = _now;
        CandidatePair? silent;
        while ((silent = _selection.AdvanceConsent(_role, _now)) is null)
        {
            asked++;
            _now = _selection.NextTimeout;
        }

        Assert.Equal(pair, silent);
        Assert.Equal(1 + Options.ConsentRetries, asked);
        Assert.Equal(TimeSpan.FromSeconds(3), _now - start);
    }

    [Fact]
    public void Only_the_pair_that_carries_the_data_is_deactivated()
    {
        var (one, other) = (Pair(1), Pair(2));
        _selection.Nominate(one, _now);
        _selection.ForgetNomination(other);
        Assert.False(_selection.Deactivate(other));
        Assert.Equal(one, _selection.Nominated);
        Assert.True(_selection.Deactivate(one));
        Assert.Null(_selection.Active);
        Assert.Equal(MonotonicTime.Never, _selection.NextTimeout);
        Assert.Null(_selection.AdvanceConsent(_role, _now + TimeSpan.FromMinutes(1)));
    }

    private static CandidatePair Pair(int remote) => new(Candidate.CreateHost(Local), Candidate.CreateHost(Local with { Port = (ushort)(20000 + remote) }), IceRole.Controlled);

    private List<TransportAddress> Selected()
    {
        var remotes = new List<TransportAddress>();
        while (_output.TryDequeueEvent(out var iceEvent)) remotes.Add(Assert.IsType<IceEvent.SelectedPairChanged>(iceEvent).Remote);
        return remotes;
    }
}
