using System.Net;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class NatRulesTests
{
    [Theory]
    // Our address | as STUN sees it | what the bridge offers | verdict | what is said
    [InlineData("203.0.113.5", "203.0.113.5", "203.0.113.5:10000", CheckState.Ok, "there is none")]
    [InlineData("203.0.113.5", "203.0.113.5", "172.18.0.5:10000", CheckState.Warning, "does not offer")]
    [InlineData("192.168.1.20", "203.0.113.5", "192.168.1.20:10000 203.0.113.5:10000", CheckState.Ok, "behind NAT")]
    [InlineData("192.168.1.20", "203.0.113.5", "192.168.1.20:10000", CheckState.Failed, "no client outside gets media")]
    [InlineData("192.168.1.20", "203.0.113.5", "198.51.100.7:10000", CheckState.Warning, "does not offer")]
    public void The_address_that_the_world_sees_must_be_offered(string local, string mapped, string offered, CheckState expected, string said)
    {
        var candidates = offered.Split(' ').Select(IPEndPoint.Parse).ToList();
        var result = NatRules.Judge(new StunEchoResult("stun.example.org", IPAddress.Parse(local), IPAddress.Parse(mapped)), candidates);
        Assert.Equal(expected, result.State);
        Assert.Contains(said, result.Seen, StringComparison.Ordinal);
        if (expected == CheckState.Failed) Assert.Contains("set JVB_ADVERTISE_IPS to " + mapped, result.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_answer_nothing_is_said_of_nat() => Assert.Equal(CheckState.Skipped, NatRules.Judge(null, []).State);

    [Theory]
    [InlineData(BindingOutcome.Answered, CheckState.Ok, "answers in 2.0 ms")]
    [InlineData(BindingOutcome.Silent, CheckState.Warning, "does not answer")]
    [InlineData(BindingOutcome.Refused, CheckState.Warning, "the port is closed")]
    [InlineData(BindingOutcome.Foreign, CheckState.Warning, "not as the bridge")]
    internal void Media_over_tcp_is_told_of_each_address(BindingOutcome outcome, CheckState expected, string said)
    {
        var result = new BindingResult(IPEndPoint.Parse("203.0.113.5:4443"), outcome, TimeSpan.FromMilliseconds(2), null, null);
        var check = Assert.Single(TcpReachability.Judge([("ssltcp", result)]));
        Assert.Equal(expected, check.State);
        Assert.StartsWith("TCP 4443 (ssltcp) at 203.0.113.5", check.Seen, StringComparison.Ordinal);
        Assert.Contains(said, check.Seen, StringComparison.Ordinal);
        Assert.Equal(CheckState.Skipped, Assert.Single(TcpReachability.Judge([])).State);
    }
}
