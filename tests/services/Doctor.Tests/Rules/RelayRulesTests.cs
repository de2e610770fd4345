using JitsiMesh.Doctor.Probes;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class RelayRulesTests
{
    [Theory]
    [InlineData("Answered", "", CheckState.Ok, "")]
    [InlineData("NoConnection", "connection refused", CheckState.Failed, "MESH_TURN")]
    [InlineData("Refused", "401", CheckState.Failed, "MESH_TURN_SECRET")]
    [InlineData("Refused", "508", CheckState.Failed, "508")]
    [InlineData("BridgeRefused", "403", CheckState.Failed, "403")]
    [InlineData("Silent", "", CheckState.Failed, "JVB_PORT")]
    public void What_came_of_a_relay_is_told_with_what_to_do(string outcome, string detail, CheckState expected, string advice)
    {
        var result = Assert.Single(RelayRules.Judge([new RelayResult("turns:meet.example:443 over tcp", Enum.Parse<RelayOutcome>(outcome), detail)], isAnswered: true));
        Assert.Equal(("turn", expected), (result.Name, result.State));
        Assert.StartsWith("turns:meet.example:443", result.Seen, StringComparison.Ordinal);
        Assert.Contains(advice, result.Advice ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void No_relay_is_a_warning_and_no_answer_a_failure()
    {
        Assert.Equal(CheckState.Warning, Assert.Single(RelayRules.Judge([], isAnswered: true)).State);
        Assert.Equal(CheckState.Failed, Assert.Single(RelayRules.Judge([], isAnswered: false)).State);
    }

    [Fact]
    public void Servers_are_read_as_they_are_told()
    {
        var services = new XmppElement("services", Namespaces.ExternalServices2)
            .Add(new XmppElement("service", Namespaces.ExternalServices2, ("type", "turns"), ("host", "meet.example"), ("port", "443"), ("transport", "tcp"), ("username", "1:a"), ("password", "p")))
            .Add(new XmppElement("service", Namespaces.ExternalServices2, ("type", "turn"), ("host", "meet.example"), ("username", "1:a"), ("password", "p")))
            .Add(new XmppElement("service", Namespaces.ExternalServices2, ("type", "turn"), ("host", "no.credentials")))
            .Add(new XmppElement("service", Namespaces.ExternalServices2, ("type", "stun"), ("host", "meet.example"), ("username", "1:a"), ("password", "p")));
        Assert.Equal(["turns:meet.example:443 over tcp", "turn:meet.example:3478 over udp"], AnnouncedRelay.Read(services).Select(r => r.ToString()));
        Assert.Empty(AnnouncedRelay.Read(null));
    }
}
