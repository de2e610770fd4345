using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Parts;

public sealed class TableTests
{
    private static readonly TransportAddress Local = TransportAddress.FromIPv4(0x0A000001, 10000);

    [Fact]
    public void A_repeated_early_check_is_one_and_its_nomination_stays()
    {
        var checks = new EarlyChecks();
        checks.Remember(new ReceivedCheck(Local, Remote(1), 5, UseCandidate: true));
        checks.Remember(new ReceivedCheck(Local, Remote(1), 7, UseCandidate: false));
        Assert.True(checks.Has(Local, Remote(1)));
        Assert.False(checks.Has(Local, Remote(2)));
        Assert.Equal([new ReceivedCheck(Local, Remote(1), 7, UseCandidate: true)], checks.Take());
        Assert.Empty(checks.Take());
    }

    [Fact]
    public void The_oldest_early_check_makes_room()
    {
        var checks = new EarlyChecks();
        for (var i = 0; i <= IceLimits.MaxEarlyChecks; i++) checks.Remember(new ReceivedCheck(Local, Remote(i), 1, UseCandidate: false));
        Assert.False(checks.Has(Local, Remote(0)));
        checks.Forget(Local, Remote(1));
        Assert.Equal(Enumerable.Range(2, IceLimits.MaxEarlyChecks - 1).Select(Remote), checks.Take().Select(c => c.Remote));
    }

    [Fact]
    public void An_address_that_a_response_shows_is_discovered_once_and_never_when_it_was_told()
    {
        var table = new LocalCandidateTable();
        table.Add(Candidate.CreateHost(Local));
        var pair = new CandidatePair(table.Added[0], Candidate.CreateHost(Remote(1)), IceRole.Controlling);
        Assert.Null(table.Discover(pair, Local));
        var mapped = TransportAddress.FromIPv4(0xC6336401, 40000);
        var found = table.Discover(pair, mapped);
        Assert.Equal((CandidateType.PeerReflexive, mapped, Local), (found!.Type, found.Address, found.Base));
        Assert.Null(table.Discover(pair, mapped));
        Assert.Single(table.Added);
    }

    [Fact]
    public void Of_what_the_owner_does_not_drain_the_oldest_gives_way()
    {
        var output = new AgentOutput();
        for (var i = 0; i <= IceLimits.MaxQueued; i++) output.Transmit(Local, Remote(i), new byte[1]);
        Assert.True(output.TryDequeueTransmit(out var first));
        Assert.Equal(Remote(1), first.Remote);
    }

    private static TransportAddress Remote(int i) => Local with { Port = (ushort)(20000 + i) };
}
