using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class InvitationsTests
{
    private readonly ConferenceParts _parts = new();

    private Participant Find(string nick) => _parts.Document.Find(nick)!;

    private List<string?> Actions => [.. _parts.Stanzas.Select(stanza => stanza.Child("jingle")?["action"])];

    private static ModifyConferenceResponse Response(string nick) => new() { Endpoints = { new EndpointTransport { Id = nick, Transport = new Transport { Ufrag = "u", Password = "p" } } } };

    private void Allocate(string nick)
    {
        var bridge = _parts.Calls.Find(Find(nick).Session!.BridgeSession)!;
        _parts.Invitations.OnAllocated(Find(nick), bridge, Response(nick));
    }

    [Fact]
    public void Nobody_is_invited_before_there_are_enough_participants_of_an_active_conference()
    {
        _parts.Join("ann");
        _parts.Invitations.InviteAll();
        Assert.Empty(_parts.Outputs);
        _parts.Join("bob");
        _parts.Core = _parts.Core with { Phase = ConferencePhase.Configuring };
        _parts.Invitations.InviteAll();
        Assert.Empty(_parts.Outputs);
        _parts.Core = _parts.Core with { Phase = ConferencePhase.Active };
        _parts.Invitations.InviteAll();
        Assert.Equal([true, false], _parts.BridgeCalls.Select(call => call.Request.Create));
        Assert.Equal(["ann", "bob"], _parts.BridgeCalls.Select(call => call.Request.Endpoints.Single().Id));
    }

    [Fact]
    public void A_participant_whose_features_are_not_known_is_left_for_later()
    {
        _parts.Join("ann");
        _parts.Join("bob", bob => bob with { Features = null });
        _parts.Invitations.InviteAll();
        Assert.Equal(["ann"], _parts.BridgeCalls.Select(call => call.Request.Endpoints.Single().Id));
    }

    [Fact]
    public void Each_session_has_a_sid_of_its_own_and_an_allocated_endpoint_is_offered()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick);
        _parts.Invitations.InviteAll();
        Assert.NotEqual(Find("ann").Session!.Sid, Find("bob").Session!.Sid);
        Assert.All(new[] { "ann", "bob" }, nick => Assert.Matches("^[0-9a-v]{13}$", Find(nick).Session!.Sid));
        _parts.Begin();
        Allocate("ann");
        Assert.Equal(["session-initiate"], Actions);
        Assert.Equal((SessionPhase.Pending, SessionPhase.Allocating), (Find("ann").Session!.Phase, Find("bob").Session!.Phase));
        Assert.Equal(IqPurpose.SessionInitiate, Assert.Single(_parts.Core.PendingIqs).Purpose);
    }

    [Fact]
    public void A_participant_that_a_bridge_refused_is_retried_after_a_while_and_within_its_budget()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick);
        _parts.Invitations.InviteAll();
        _parts.Invitations.Fail(Find("ann"), byBridge: true);
        Assert.Equal((SessionPhase.Ended, true), (Find("ann").Session!.Phase, Find("ann").Session!.InviteFailed));
        Assert.Equal(_parts.Effects.Now + FocusLimits.InviteRetry, _parts.Invitations.NextDeadline);
        _parts.Begin(FocusLimits.InviteRetry.TotalSeconds);
        _parts.Invitations.OnDue();
        Assert.Equal("ann", Assert.Single(_parts.BridgeCalls).Request.Endpoints.Single().Id);
        Assert.Single(Find("ann").Restarts);
        Assert.Equal(MonotonicTime.Never, _parts.Invitations.NextDeadline);
    }

    [Fact]
    public void A_participant_without_restarts_left_waits_again()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick, one => one with { Restarts = [_parts.Effects.Now] });
        _parts.Invitations.InviteAll();
        _parts.Invitations.Fail(Find("ann"), byBridge: true);
        _parts.Begin(1);
        _parts.Invitations.Forgive();
        Assert.Equal(SessionPhase.Ended, Find("ann").Session!.Phase);
        Assert.Equal(_parts.Effects.Now + FocusLimits.InviteRetry, _parts.Invitations.NextDeadline);
    }

    [Fact]
    public void A_client_that_refuses_its_offer_is_not_invited_again_by_itself()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick);
        _parts.Invitations.InviteAll();
        Allocate("ann");
        _parts.Begin();
        _parts.Invitations.OnInitiateRefused("ann");
        Assert.Equal(["session-terminate"], Actions);
        Assert.Equal((SessionPhase.Ended, false), (Find("ann").Session!.Phase, Find("ann").Session!.InviteFailed));
        _parts.Begin(60);
        _parts.Invitations.OnDue();
        Assert.Empty(_parts.Outputs);
    }

    [Fact]
    public void A_failed_allocation_is_repeated_only_for_a_participant_that_still_waits_for_it()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick);
        _parts.Invitations.InviteAll();
        var call = _parts.Document.Calls.First(one => one.Nick == "ann");
        _parts.Begin();
        _parts.Invitations.Again(call with { Id = call.Id + 100 }, Find("ann"));
        _parts.Invitations.Again(call, null);
        Assert.Empty(_parts.Outputs);
        _parts.Invitations.Again(call, Find("ann"));
        Assert.Equal("ann", Assert.Single(_parts.BridgeCalls).Request.Endpoints.Single().Id);
    }

    [Fact]
    public void A_participant_that_is_moved_keeps_its_last_sid_for_late_stanzas()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick);
        _parts.Invitations.InviteAll();
        Allocate("ann");
        var sid = Find("ann").Session!.Sid;
        _parts.Begin();
        _parts.Invitations.Reinvite(Find("ann"), expire: true);
        Assert.Equal(["session-terminate"], Actions);
        Assert.Equal([true, false], _parts.BridgeCalls.Select(call => call.Request.Endpoints.Single().Expire));
        Assert.Equal(sid, Find("ann").FormerSid);
        Assert.NotEqual(sid, Find("ann").Session!.Sid);
    }

    [Fact]
    public void A_participant_who_is_alone_loses_its_session_and_the_conference_its_bridge()
    {
        var session = _parts.Session();
        _parts.Join("ann", ann => ann with { Session = session });
        _parts.Invitations.ReleaseLoneParticipant();
        Assert.Equal(["session-terminate", null], Actions);
        Assert.Null(Find("ann").Session);
        Assert.True(_parts.Bridges.IsEmpty);
        _parts.Begin();
        _parts.Join("bob");
        _parts.Invitations.ReleaseLoneParticipant();
        Assert.Empty(_parts.Outputs);
    }
}
