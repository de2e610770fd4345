using FsCheck.Xunit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests;

public class CandidatePriorityTests
{
    [Theory]
    [InlineData(CandidateType.Host, 65535, 2130706431u)]
    [InlineData(CandidateType.PeerReflexive, 65535, 1862270975u)]
    [InlineData(CandidateType.ServerReflexive, 65535, 1694498815u)]
    [InlineData(CandidateType.Relayed, 65535, 16777215u)]
    public void Compute_RecommendedPreferences_GivesTheKnownNumbers(CandidateType type, int preference, uint expected) =>
        Assert.Equal(expected, CandidatePriority.Compute(type, (ushort)preference));

    [Property]
    public bool OfPair_IsTheSameSeenFromBothSides(uint ours, uint theirs)
    {
        var local = Candidate.CreateHost(TransportAddress.FromIPv4(1, 1)) with { Priority = ours };
        var remote = Candidate.CreateHost(TransportAddress.FromIPv4(2, 2)) with { Priority = theirs };
        return new CandidatePair(local, remote, IceRole.Controlling).Priority == new CandidatePair(remote, local, IceRole.Controlled).Priority;
    }

    [Fact]
    public void Foundation_SameTypeAndAddress_IsEqualWhateverThePort()
    {
        var first = TransportAddress.FromIPv4(0x0A000001, 1);
        Assert.Equal(CandidatePriority.Foundation(CandidateType.Host, first), CandidatePriority.Foundation(CandidateType.Host, first with { Port = 2 }));
        Assert.NotEqual(CandidatePriority.Foundation(CandidateType.Host, first), CandidatePriority.Foundation(CandidateType.ServerReflexive, first));
        Assert.NotEqual(CandidatePriority.Foundation(CandidateType.Host, first), CandidatePriority.Foundation(CandidateType.Host, first with { Low = first.Low + 1 }));
    }
}
