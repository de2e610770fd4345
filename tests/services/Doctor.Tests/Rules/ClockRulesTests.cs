using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class ClockRulesTests
{
    private static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, CheckState.Ok, "agree")]
    [InlineData(-4, CheckState.Ok, "agree")]
    [InlineData(-90, CheckState.Warning, "90 s behind")]
    [InlineData(90, CheckState.Warning, "90 s ahead of")]
    public void A_difference_that_tokens_would_notice_is_a_warning(int seconds, CheckState expected, string words)
    {
        var result = ClockRules.Judge(Now.AddSeconds(seconds), Now);
        Assert.Equal(expected, result.State);
        Assert.Contains(words, result.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_without_a_date_is_a_warning() => Assert.Equal(CheckState.Warning, ClockRules.Judge(null, Now).State);
}
