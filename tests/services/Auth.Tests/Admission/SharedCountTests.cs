using JitsiMesh.Auth.Admission;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Admission;

/// <summary>A store that fails or hangs holds nobody up, and is left alone for a while.</summary>
public sealed class SharedCountTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _told = [];
    private readonly SharedCount _count;
    private int _asked;

    public SharedCountTests() => _count = new SharedCount(_time, Limit, Pause, _told.Add);

    [Fact]
    public async Task What_it_answers_is_the_answer()
    {
        Assert.Equal((true, 7), await _count.AskAsync(() => Task.FromResult(7)));
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_fails_is_told_of_and_not_asked_until_the_pause_is_over(bool atOnce)
    {
        Task<int> FailAsync()
        {
            _asked++;
            return atOnce ? throw new InvalidOperationException("away") : Task.FromException<int>(new InvalidOperationException("away"));
        }

        for (var i = 0; i < 5; i++) Assert.False((await _count.AskAsync(FailAsync)).HasAnswered);
        Assert.Equal((1, "InvalidOperationException"), (_asked, Assert.Single(_told)));
        _time.Advance(Pause - TimeSpan.FromTicks(1));
        Assert.False((await _count.AskAsync(() => Task.FromResult(7))).HasAnswered);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((true, 7), await _count.AskAsync(() => Task.FromResult(7)));
        Assert.Single(_told);
    }

    [Fact]
    public async Task One_that_hangs_has_its_time()
    {
        var asking = _count.AskAsync(() => new TaskCompletionSource<int>().Task).AsTask();
        _time.Advance(Limit - TimeSpan.FromTicks(1));
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False((await asking).HasAnswered);
        Assert.Equal("TimeoutException", Assert.Single(_told));
    }

    [Fact]
    public void A_window_counts_up_to_its_most_and_begins_anew_when_it_is_over()
    {
        var count = new WindowCount(_time, Pause, 3);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 3; i++) Assert.True(count.TryCount());
            Assert.False(count.TryCount());
            _time.Advance(Pause);
        }
    }
}
