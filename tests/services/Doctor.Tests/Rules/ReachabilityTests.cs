using System.Net;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class ReachabilityTests
{
    private static readonly TimeSpan Waited = TimeSpan.FromSeconds(4);

    [Fact]
    public void A_blocked_port_names_port_address_and_setting()
    {
        var result = Assert.Single(Reachability.Judge([Result("203.0.113.5:10000", BindingOutcome.Silent)], Waited));
        Assert.Equal(CheckState.Failed, result.State);
        Assert.StartsWith("UDP 10000 at 203.0.113.5 does not answer", result.Seen, StringComparison.Ordinal);
        Assert.StartsWith("open the port in the firewall, or set JVB_ADVERTISE_IPS", result.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_address_beside_one_that_answers_is_a_warning()
    {
        var results = Reachability.Judge([Result("203.0.113.5:10000", BindingOutcome.Answered), Result("172.18.0.5:10000", BindingOutcome.Silent)], Waited).ToList();
        Assert.Equal([CheckState.Ok, CheckState.Warning], results.Select(r => r.State));
    }

    [Fact]
    public void A_public_address_that_does_not_answer_fails_beside_a_container_address_that_does()
    {
        var results = Reachability.Judge([Result("172.18.0.5:10000", BindingOutcome.Answered), Result("203.0.113.5:10000", BindingOutcome.Silent)], Waited).ToList();
        Assert.Equal([CheckState.Ok, CheckState.Failed], results.Select(r => r.State));
    }

    [Fact]
    public void Without_any_answer_every_address_fails()
    {
        var results = Reachability.Judge([Result("172.18.0.5:10000", BindingOutcome.Silent), Result("[2001:db8::1]:10000", BindingOutcome.NoRoute), Result("127.0.0.1:10000", BindingOutcome.Refused)], Waited);
        Assert.All(results, r => Assert.Equal(CheckState.Failed, r.State));
    }

    [Fact]
    public void An_ipv6_address_without_a_route_from_here_does_no_harm()
    {
        var results = Reachability.Judge([Result("203.0.113.5:10000", BindingOutcome.Answered), Result("[2001:db8::1]:10000", BindingOutcome.NoRoute)], Waited).ToList();
        Assert.Equal(CheckState.Warning, results[1].State);
    }

    [Fact]
    public void Another_servers_answer_fails() => Assert.Equal(CheckState.Failed, Assert.Single(Reachability.Judge([Result("203.0.113.5:10000", BindingOutcome.Foreign)], Waited)).State);

    private static BindingResult Result(string address, BindingOutcome outcome) => new(IPEndPoint.Parse(address), outcome, TimeSpan.FromMilliseconds(3), IPAddress.Loopback, null);
}
