using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class FailedInputsTests
{
    private readonly ConferenceParts _parts = new();
    private readonly FailedInputs _failed;

    public FailedInputsTests()
    {
        _failed = new FailedInputs(_parts.Document, _parts.Effects, _parts.Iqs, _parts.Calls, _parts.Sources, _parts.Timeouts, [_parts.Timeouts, _parts.Bridges, _parts.Invitations, _parts.Iqs]);
    }

    private static StanzaReceived Received(XmppElement stanza) => new(new StanzaEnvelope { Room = ConferenceParts.Room, Stanza = "", Sender = "signalling-1", Sequence = 1 }, stanza);

    [Fact]
    public void The_sender_of_a_request_is_answered_once()
    {
        var input = Received(Stanzas.Iq("set", "1", "focus@auth.meet.example/focus", null, ConferenceParts.Room + "/ann"));
        _failed.OnFailed(input);
        _failed.OnFailed(input);
        Assert.Equal("internal-server-error", StanzaError.Read(Assert.Single(_parts.Stanzas)).Condition);
        Assert.Equal(2, _parts.Count(ConferenceEvent.InputFailed));
    }

    [Fact]
    public void A_participant_whose_leave_failed_is_gone_and_its_endpoint_with_it()
    {
        var session = _parts.Session();
        _parts.Join("ann", ann => ann with { Session = session });
        _failed.OnFailed(Received(Stanzas.Presence("unavailable", "focus@auth.meet.example/focus", ConferenceParts.Room + "/ann")));
        Assert.Null(_parts.Document.Find("ann"));
        Assert.True(Assert.Single(_parts.BridgeCalls).Request.Endpoints.Single().Expire);
        Assert.True(_parts.Timeouts.WaitsForParticipants);
    }

    [Fact]
    public void An_allocation_whose_reply_failed_counts_as_refused_by_the_bridge()
    {
        var session = _parts.Session(SessionPhase.Allocating);
        var call = _parts.Calls.Call(_parts.Core.Assignment.Sessions[0], CallPurpose.Allocate, "ann", _parts.Calls.NewRequest());
        _parts.Join("ann", ann => ann with { Session = session with { Call = call } });
        _failed.OnFailed(new BridgeReplied(call, BridgeReply.Failed(BridgeFailure.Unspecified)));
        Assert.Equal((SessionPhase.Ended, true), (_parts.Document.Find("ann")!.Session!.Phase, _parts.Document.Find("ann")!.Session!.InviteFailed));
        Assert.Null(_parts.Document.FindCall(call));
    }

    [Fact]
    public void What_was_due_at_a_failed_tick_is_put_off()
    {
        _parts.Timeouts.WaitForParticipants();
        _parts.Core = _parts.Core with { RetryDeadline = _parts.Effects.Now, ForgiveDeadline = _parts.Effects.Now };
        var empty = _parts.Core.EmptyDeadline;
        _failed.OnFailed(new Tick());
        var later = _parts.Effects.Now + FocusLimits.FailedTickDelay;
        Assert.Equal((empty, later, later), (_parts.Core.EmptyDeadline, _parts.Core.RetryDeadline, _parts.Core.ForgiveDeadline));
    }
}
