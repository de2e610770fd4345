using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Egress;

public sealed class KeyframeRequesterTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(9);
    private static readonly object A = new();
    private static readonly object B = new();

    [Fact]
    public void OneEach200MillisecondsWhoeverAsks()
    {
        var requester = new KeyframeRequester();
        Assert.True(requester.TryRequest(A, 1, Start));
        Assert.False(requester.TryRequest(B, 1, At(199)));
        Assert.False(requester.TryRequest(null, 1, At(199)));
        Assert.True(requester.TryRequest(null, 2, At(199)));
        Assert.True(requester.TryRequest(B, 1, At(200)));
    }

    [Fact]
    public void ThreeInTenSecondsForOneAsker_TheOthersGoOn()
    {
        var requester = new KeyframeRequester();
        for (var i = 0; i < 3; i++) Assert.True(requester.TryRequest(A, 1, At(i * 1000)));
        Assert.False(requester.TryRequest(A, 1, At(9000)));
        Assert.True(requester.TryRequest(B, 1, At(9000)));
        Assert.True(requester.TryRequest(A, 1, At(10_000)));
        Assert.False(requester.TryRequest(A, 1, At(10_500)));
    }

    [Fact]
    public void RefusedByTheCommonLimit_CostsTheAskerNothing()
    {
        var requester = new KeyframeRequester();
        Assert.True(requester.TryRequest(null, 1, Start));
        for (var i = 1; i < 50; i++) Assert.False(requester.TryRequest(A, 1, At(i)));
        for (var i = 1; i <= 3; i++) Assert.True(requester.TryRequest(A, 1, At(i * 300)));
    }

    [Fact]
    public void RetransmissionBudget_RunsOutAndFillsAgain()
    {
        var budget = new RetransmissionBudget();
        var spent = 0;
        while (budget.TrySpend(1000, 1_000_000, Start)) spent += 1000;
        Assert.InRange(spent, 20_000, 40_000);
        Assert.False(budget.TrySpend(1000, 1_000_000, Start));
        Assert.True(budget.TrySpend(1000, 1_000_000, At(100)));
    }

    private static MonotonicTime At(int milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);
}
