using JitsiMesh.Hosting.Memory;
using JitsiMesh.Primitives;

namespace JitsiMesh.Hosting.Tests.Memory;

public sealed class MemoryReturnRuleTests
{
    private readonly MemoryReturnRule _rule = new(TimeSpan.FromSeconds(60));

    private static MonotonicTime At(double seconds) => MonotonicTime.FromSeconds(seconds);

    [Fact]
    public void What_the_start_left_is_given_back_once()
    {
        Assert.False(_rule.IsDue(At(0), isBusy: false, share: 0.9));
        Assert.False(_rule.IsDue(At(10), isBusy: false, share: 0.01));
        Assert.False(_rule.IsDue(At(69), isBusy: false, share: 0.01));
        Assert.True(_rule.IsDue(At(70), isBusy: false, share: 0.01));
        Assert.False(_rule.IsDue(At(80), isBusy: false, share: 0.01));
        Assert.False(_rule.IsDue(At(10_000), isBusy: false, share: 0.01));
    }

    [Fact]
    public void A_quiet_call_is_never_disturbed_and_what_it_left_is_given_back_after_it()
    {
        Assert.False(_rule.IsDue(At(0), isBusy: false, share: 0));
        Assert.True(_rule.IsDue(At(60), isBusy: false, share: 0));
        for (var second = 70; second < 7200; second += 10) Assert.False(_rule.IsDue(At(second), isBusy: true, share: 0.001));
        Assert.False(_rule.IsDue(At(7200), isBusy: false, share: 0.001));
        Assert.False(_rule.IsDue(At(7259), isBusy: false, share: 0.001));
        Assert.True(_rule.IsDue(At(7260), isBusy: false, share: 0.001));
    }

    [Fact]
    public void Work_in_between_begins_the_wait_anew()
    {
        Assert.False(_rule.IsDue(At(0), isBusy: false, share: 0));
        Assert.False(_rule.IsDue(At(50), isBusy: false, share: MemoryReturnRule.QuietShare));
        Assert.False(_rule.IsDue(At(60), isBusy: false, share: 0));
        Assert.False(_rule.IsDue(At(119), isBusy: false, share: 0));
        Assert.True(_rule.IsDue(At(120), isBusy: false, share: 0));
    }
}
