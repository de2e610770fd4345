using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class BridgeCallsTests
{
    private readonly ConferenceParts _parts = new();

    [Fact]
    public void A_call_is_pending_until_its_first_reply()
    {
        var session = _parts.Session();
        _parts.Calls.Update(session, new EndpointChange { Id = "ann" });
        var call = Assert.Single(_parts.BridgeCalls);
        Assert.Equal(("5f2d", ConferenceParts.Room), (call.Request.MeetingId, call.Request.Name));
        Assert.Equal("ann", _parts.Calls.TakeAnswered(call.Call)?.Nick);
        Assert.Null(_parts.Calls.TakeAnswered(call.Call));
        Assert.Empty(_parts.Document.Calls);
    }

    [Fact]
    public void Nothing_is_expired_on_a_bridge_that_never_had_the_conference()
    {
        var session = _parts.Bridges.SetCreated(_parts.Assign(), created: false);
        _parts.Calls.ExpireEndpoint(session.Id, "ann");
        _parts.Calls.ExpireConference(session);
        _parts.Calls.ExpireEndpoint("removed meanwhile", "ann");
        Assert.Empty(_parts.Outputs);
    }

    [Fact]
    public void A_new_owner_expires_what_may_have_been_allocated_before_it_asks_again()
    {
        var session = _parts.Assign();
        var create = _parts.Calls.NewRequest();
        create.Create = true;
        _parts.Calls.Call(session, CallPurpose.Allocate, "ann", create);
        _parts.Calls.Call(session, CallPurpose.Allocate, "bob", _parts.Calls.NewRequest());
        _parts.Calls.Update(new ParticipantSession { Sid = "s", BridgeSession = session.Id }, new EndpointChange { Id = "cid" });
        Assert.True(_parts.Calls.IsBeingCreated(session));
        _parts.Begin();
        _parts.Calls.RepeatAll();
        Assert.Equal(["expire conference", "again", "expire bob", "again", "again"], _parts.BridgeCalls.Select(call =>
            call.Request.Expire ? "expire conference" : call.Request.Endpoints.FirstOrDefault() is { Expire: true } endpoint ? "expire " + endpoint.Id : "again"));
    }

    [Fact]
    public void An_allocation_belongs_to_the_trace_of_the_join_and_everything_else_to_that_of_the_stanza()
    {
        var session = _parts.Assign();
        _parts.Join("ann", ann => ann with { Trace = "join" });
        _parts.Begin(trace: "stanza");
        _parts.Calls.Call(session, CallPurpose.Allocate, "ann", _parts.Calls.NewRequest());
        _parts.Calls.Call(session, CallPurpose.Allocate, "bob", _parts.Calls.NewRequest());
        _parts.Calls.Call(session, CallPurpose.Update, "ann", _parts.Calls.NewRequest());
        Assert.Equal([("join", "ann"), (null, null), ("stanza", null)], _parts.BridgeCalls.Select(call => (call.Trace, call.Invites)));
    }
}
