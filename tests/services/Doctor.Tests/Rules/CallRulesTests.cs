using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class CallRulesTests
{
    [Theory]
    [InlineData(1000, 0, CheckState.Ok)]
    [InlineData(985, 15, CheckState.Ok)]
    [InlineData(970, 30, CheckState.Warning)]
    [InlineData(800, 200, CheckState.Failed)]
    public void Loss_is_judged_by_what_people_notice(int received, int lost, CheckState expected) =>
        Assert.Equal(expected, Judge(received, lost, new ReceivedMedia(2, 250, 75)).State);

    [Theory]
    [InlineData(0, 75)]
    [InlineData(250, 0)]
    public void Nothing_from_somebody_fails(int audio, int video) => Assert.Equal(CheckState.Failed, Judge(500, 0, new ReceivedMedia(2, audio, video)).State);

    [Fact]
    public void No_packet_at_all_fails() => Assert.Equal(CheckState.Failed, Judge(0, 0, new ReceivedMedia(2, 0, 0)).State);

    [Fact]
    public void Where_somebody_stopped_is_said()
    {
        var result = Assert.Single(CallRules.Judge([new CallOutcome(2, "is offered no session", TimeSpan.Zero, 0, 0, [])]));
        Assert.Equal((CheckState.Failed, "participant 2 is offered no session"), (result.State, result.Seen));
    }

    [Fact]
    public void Packets_and_loss_are_printed()
    {
        var seen = Judge(990, 10, new ReceivedMedia(2, 250, 75)).Seen;
        Assert.Contains("250 audio packets and 75 frames of participant 2", seen, StringComparison.Ordinal);
        Assert.Contains("lost 10 of 1000 (1.0", seen, StringComparison.Ordinal);
    }

    private static CheckResult Judge(long received, long lost, params ReceivedMedia[] others) =>
        Assert.Single(CallRules.Judge([new CallOutcome(1, null, TimeSpan.FromMilliseconds(80), received, lost, others)]));
}
