using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class JingleRequestsTests
{
    private readonly ConferenceParts _parts = new();
    private readonly JingleRequests _jingle;
    private readonly IceRestarts _iceRestarts;

    public JingleRequestsTests()
    {
        _iceRestarts = new IceRestarts(_parts.Document, _parts.Effects, _parts.Calls, _parts.Invitations, _parts.Options);
        var sources = new SourceRequests(_parts.Effects, _parts.Calls, _parts.Sources, new SenderLimits(_parts.Document, _parts.Presence, _parts.Options));
        _jingle = new JingleRequests(_parts.Document, _parts.Effects, _parts.Budgets, _parts.Calls, _parts.Sources, sources, _parts.Sessions, _parts.Invitations, _iceRestarts);
        var session = _parts.Session();
        _parts.Join("ann", ann => ann with { Session = session, FormerSid = "former" });
        _parts.Begin();
    }

    private string BridgeSession => _parts.Core.Assignment.Sessions[0].Id;

    // The answer to what ann asks: "result", or the condition of its error.
    private string Ask(JingleMessage message, string type = "set")
    {
        var iq = Stanzas.Iq(type, "q", _parts.Options.FullAddress, JingleFormat.Format(message), _parts.Effects.OccupantJid("ann"));
        _jingle.OnRequest(iq, iq.Child("jingle")!, _parts.Document.Find("ann"));
        var answer = Assert.Single(_parts.Stanzas, stanza => stanza["id"] == "q");
        return answer["type"] == "error" ? StanzaError.Read(answer).Condition : "result";
    }

    [Theory]
    [InlineData("sid", "result")]
    [InlineData("former", "item-not-found")]
    [InlineData("other", "bad-request")]
    public void A_request_is_about_the_session_that_it_names(string sid, string answer) =>
        Assert.Equal(answer, Ask(new JingleMessage { Action = JingleAction.SessionInfo, Sid = sid }));

    [Theory]
    [InlineData(SessionPhase.Allocating)]
    [InlineData(SessionPhase.Ended)]
    public void A_session_that_is_not_open_takes_no_requests(SessionPhase phase)
    {
        _parts.Document.Put(_parts.Document.Find("ann")! with { Session = _parts.Document.Find("ann")!.Session! with { Phase = phase } });
        Assert.Equal("gone", Ask(new JingleMessage { Action = JingleAction.SessionInfo, Sid = "sid" }));
    }

    [Fact]
    public void A_get_is_refused_and_costs_nothing()
    {
        Assert.Equal("bad-request", Ask(new JingleMessage { Action = JingleAction.SessionInfo, Sid = "sid" }, "get"));
        Assert.Equal(default, _parts.Document.Find("ann")!.Requests);
        Assert.Equal("bad-request", Assert.Single(_parts.Outputs.OfType<JingleRefused>()).Condition);
    }

    [Fact]
    public void A_restart_is_granted_once_and_refused_when_it_comes_again_at_once()
    {
        var restart = new JingleMessage { Action = JingleAction.SessionTerminate, Sid = "sid", Reason = new JingleReason("success", null), BridgeSession = new BridgeSessionInfo(BridgeSession, null) { Restart = true } };
        Assert.Equal("result", Ask(restart));
        Assert.Equal("ann", Assert.Single(_parts.Outputs.OfType<RestartGranted>()).Nick);
        Assert.Equal((null, "sid"), (_parts.Document.Find("ann")!.Session, _parts.Document.Find("ann")!.FormerSid));
        var session = _parts.Session();
        _parts.Document.Put(_parts.Document.Find("ann")! with { Session = session });
        _parts.Begin(1);
        Assert.Equal("resource-constraint", Ask(restart));
        Assert.Equal(SessionPhase.Ended, _parts.Document.Find("ann")!.Session!.Phase);
    }

    [Fact]
    public void An_ice_restart_goes_to_the_bridge_and_its_new_generation_to_the_client_once()
    {
        Assert.Equal("result", Ask(new JingleMessage { Action = JingleAction.SessionInfo, Sid = "sid", BridgeSession = new BridgeSessionInfo(BridgeSession, null) { IceRestart = true } }));
        Assert.True(Assert.Single(_parts.BridgeCalls).Request.Endpoints.Single().RestartIce);
        _parts.Begin();
        var response = new ModifyConferenceResponse { Endpoints = { new EndpointTransport { Id = "ann", Transport = new Transport { Ufrag = "u", Password = "p", IceGeneration = 1 } } } };
        _iceRestarts.OnRestarted(_parts.Document.Find("ann")!, response);
        _iceRestarts.OnRestarted(_parts.Document.Find("ann")!, response);
        Assert.Equal("transport-info", Assert.Single(_parts.Stanzas).Child("jingle")!["action"]);
        Assert.Equal(1, _parts.Document.Find("ann")!.Session!.IceGeneration);
    }

    [Fact]
    public void An_ice_restart_of_another_bridge_session_is_refused()
    {
        Assert.Equal("item-not-found", Ask(new JingleMessage { Action = JingleAction.SessionInfo, Sid = "sid", BridgeSession = new BridgeSessionInfo("other", null) { IceRestart = true } }));
        Assert.Empty(_parts.BridgeCalls);
    }
}
