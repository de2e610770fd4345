namespace JitsiMesh.Primitives.Tests;

public sealed class TokenBucketTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(100);
    private readonly TokenBucket _bucket = new(perSecond: 2, burst: 3);

    [Fact]
    public void A_burst_goes_at_once_and_the_rest_at_the_rate()
    {
        for (var i = 0; i < 3; i++) Assert.True(_bucket.TryTake(1, Start));
        Assert.False(_bucket.TryTake(1, Start));
        Assert.False(_bucket.TryTake(1, After(0.25)));
        Assert.True(_bucket.TryTake(1, After(0.5)));
        Assert.False(_bucket.TryTake(1, After(0.5)));
    }

    [Fact]
    public void What_costs_more_than_there_can_be_goes_when_it_is_full_and_is_paid_off()
    {
        Assert.True(_bucket.TryTake(9, Start));
        Assert.Equal(6, _bucket.Debt);
        Assert.False(_bucket.TryTake(1, After(3)));
        Assert.True(_bucket.TryTake(1, After(3.5)));
    }

    [Fact]
    public void Who_takes_what_there_is_not_waits_until_nothing_is_owed()
    {
        _bucket.Take(5, Start);
        Assert.Equal(TimeSpan.FromSeconds(1), _bucket.Wait(Start));
        Assert.Equal(TimeSpan.FromSeconds(0.5), _bucket.Wait(After(0.5)));
        Assert.Equal(TimeSpan.Zero, _bucket.Wait(After(9)));
    }

    [Fact]
    public void A_time_that_goes_back_gives_nothing_twice()
    {
        for (var i = 0; i < 3; i++) _bucket.TryTake(1, After(1));
        Assert.False(_bucket.TryTake(1, Start));
        Assert.False(_bucket.TryTake(1, After(1)));
    }

    private static MonotonicTime After(double seconds) => Start + TimeSpan.FromSeconds(seconds);
}
