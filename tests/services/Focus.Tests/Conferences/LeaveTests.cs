using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

public class LeaveTests
{
    private readonly FocusScenario _scenario = new();

    [Fact]
    public void Who_leaves_is_expired_and_the_others_are_told_nothing()
    {
        foreach (var nick in new[] { "ann", "bob", "cid" }) _scenario.Join(nick, FakeClient.PlainFeatures);
        _scenario.Advance(11);
        var before = _scenario["ann"].Received.Count;
        _scenario.Leave("cid");
        Assert.Equal(["ann", "bob"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.Equal(before, _scenario["ann"].Received.Count);
    }

    [Fact]
    public void Who_leaves_before_the_others_can_have_heard_of_its_sources_is_taken_back_by_name()
    {
        foreach (var nick in new[] { "ann", "bob", "cid" }) _scenario.Join(nick, FakeClient.PlainFeatures);
        _scenario.Leave("cid");
        Assert.Equal(JingleAction.SourceRemove, _scenario["ann"].Jingles.Last().Action);
    }

    [Fact]
    public void Who_leaves_and_returns_with_the_same_sources_is_told_anew_to_who_accepts_only_then()
    {
        foreach (var nick in new[] { "ann", "bob" }) _scenario.Join(nick, FakeClient.PlainFeatures);
        _scenario.Join("cid", FakeClient.PlainFeatures, configure: client => client.AutoAccept = false);
        var offer = _scenario["cid"].LastInitiate;
        _scenario.Leave("bob");
        _scenario.Join("bob", FakeClient.PlainFeatures);
        Assert.Equal(0, _scenario["cid"].Count(JingleAction.SourceAdd));

        // Bob's unavailable presence may have made the client forget what the offer named.
        _scenario.Ask("cid", _scenario["cid"].Accept(offer.Sid));
        var told = _scenario["cid"].Jingles.Where(message => message.Action is JingleAction.SourceRemove or JingleAction.SourceAdd).ToList();
        Assert.Equal([JingleAction.SourceRemove, JingleAction.SourceAdd], told.Select(message => message.Action));
        Assert.All(told, message => Assert.Equal(["bob"], message.Contents.SelectMany(content => content.Description!.Sources).Select(source => source.Owner).Distinct()));
    }

    [Fact]
    public void The_last_ones_leave_does_not_end_the_conference_for_who_was_just_told_to_come()
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Request("cid");
        _scenario.Leave("ann");
        _scenario.Leave("bob");
        Assert.False(_scenario.IsOver);
        _scenario.Advance(60);
        Assert.Equal(ConferenceEndReason.NobodyJoined, _scenario.Ended);
    }

    [Fact]
    public void Clients_that_count_on_rewriting_and_do_not_get_it_are_told_who_left()
    {
        _scenario.Options.UseSsrcRewriting = false;
        foreach (var nick in new[] { "ann", "bob", "cid" }) _scenario.Join(nick);
        _scenario.Leave("cid");
        var told = _scenario["ann"].Jingles.Last();
        Assert.Equal(JingleAction.SourceRemove, told.Action);
        Assert.Equal(3, told.CompactSources!["cid"].Sources.Count);
    }

    [Fact]
    public void A_leavers_ssrcs_are_free_again()
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Leave("ann");
        _scenario.Join("ann");
        Assert.Equal(7, _scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].Ssrcs.Count());
    }

    [Fact]
    public void One_left_alone_loses_its_session_after_20_seconds_and_is_invited_again_with_the_next()
    {
        var ann = _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Leave("bob");
        _scenario.Advance(19);
        Assert.Single(ann.LiveSids);
        _scenario.Advance(2);
        Assert.Empty(ann.LiveSids);
        Assert.Equal(new JingleReason("expired", "Idle session timeout"), ann.Jingles.Last().Reason);
        Assert.Empty(_scenario.Bridge.Conferences);
        _scenario.Join("cid");
        Assert.Single(ann.LiveSids);
        Assert.Equal(["ann", "cid"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
    }

    [Fact]
    public void Someone_who_comes_in_time_saves_the_session()
    {
        var ann = _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Leave("bob");
        _scenario.Advance(15);
        _scenario.Join("cid");
        _scenario.Advance(60);
        Assert.Equal(1, ann.Count(JingleAction.SessionInitiate));
        Assert.Single(ann.LiveSids);
    }

    [Fact]
    public void The_last_one_ends_the_conference()
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Leave("ann");
        _scenario.Leave("bob");
        Assert.Equal(ConferenceEndReason.LastParticipantLeft, _scenario.Ended);
        Assert.True(_scenario.FocusLeft);
        Assert.Empty(_scenario.Bridge.Conferences);
        Assert.Equal("true", _scenario.Request("ann")!.Child("conference")!["ready"]);
    }

    [Fact]
    public void Who_goes_to_a_breakout_room_keeps_the_conference_for_15_seconds()
    {
        _scenario.Join("ann");
        _scenario.Leave("ann", "switch_room");
        Assert.False(_scenario.IsOver);
        _scenario.Advance(16);
        Assert.True(_scenario.IsOver);
    }

    [Fact]
    public void While_people_are_in_breakout_rooms_the_empty_conference_goes_on_also_after_a_crash()
    {
        _scenario.ReloadAlways = true;
        _scenario.Join("ann");
        _scenario.Message(Occupancy("true", FocusScenario.Room));
        _scenario.Leave("ann", "switch_room");
        _scenario.Advance(600);
        Assert.False(_scenario.IsOver);
        var ann = _scenario.Join("ann");
        _scenario.Join("bob");
        Assert.Single(ann.LiveSids);
        _scenario.Leave("ann");
        _scenario.Leave("bob");
        Assert.False(_scenario.IsOver);
        _scenario.Message(Occupancy("false", FocusScenario.Room));
        _scenario.Advance(16);
        Assert.Equal(ConferenceEndReason.NobodyJoined, _scenario.Ended);
    }

    [Fact]
    public void An_occupant_cannot_say_that_people_are_in_breakout_rooms()
    {
        _scenario.Join("ann");
        _scenario.Message(Occupancy("true", $"{FocusScenario.Room}/ann"));
        _scenario.Leave("ann");
        Assert.Equal(ConferenceEndReason.LastParticipantLeft, _scenario.Ended);
    }

    private static XmppElement Occupancy(string occupied, string from) => Stanzas.Message(null, null, from).Add(new XmppElement("breakout-rooms", "urn:jitsimesh:breakout", ("occupied", occupied)));

    [Fact]
    public void A_destroyed_room_ends_the_conference_without_a_leave()
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.DestroyRoom();
        Assert.Equal(ConferenceEndReason.RoomDestroyed, _scenario.Ended);
        Assert.False(_scenario.FocusLeft);
        Assert.Empty(_scenario.Bridge.Conferences);
    }

    [Fact]
    public void One_who_leaves_while_the_bridge_is_asked_is_expired_there()
    {
        _scenario.Join("ann");
        _scenario.HoldBridges = true;
        _scenario.Join("bob");
        _scenario.Leave("bob");
        _scenario.AnswerHeldCalls();
        Assert.Equal(["ann"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
    }
}
