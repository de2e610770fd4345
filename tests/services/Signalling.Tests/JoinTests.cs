using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>The normal join (signalling reference, annex C) and who sees what.</summary>
public sealed class JoinTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void A_client_asks_focus_and_joins_the_room_that_focus_made()
    {
        var world = new World();
        var ann = world.Connects();
        ann.Sends($"<iq type='set' id='c1' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m1'/></iq>");
        ann.Receives("<iq type='result' id='c1' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='call@muc.meet.jitsi' focusjid='focus@auth.meet.jitsi' ready='true'/></iq>");

        ann.Joins(Call);
        ann.Receives("<presence from='call@muc.meet.jitsi/focus'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator' jid='focus@auth.meet.jitsi/focus'/></x><versions xmlns='http://jitsi.org/jitmeet'/></presence>");
        var self = ann.Eventually($"<presence from='call@muc.meet.jitsi/{ann.Nick}'/>");
        Assert.Equal(ann.FullJid, self.Child("x")!.Child("item")!["jid"]);
        Assert.Equal(["100", "110"], self.Child("x")!.Children("status").Select(status => status["code"]));
        ann.Receives("<message type='groupchat' from='call@muc.meet.jitsi'><subject/></message>");
        ann.Receives("<message from='conferenceduration.meet.jitsi'/>");
        ann.ReceivesNothing();
    }

    [Fact]
    public void The_request_reaches_focus_with_the_asker_and_its_token()
    {
        var world = new World();
        world.Focus.Answers = false;
        var ann = world.Connects(token: "jwt");
        ann.Sends($"<iq type='set' id='c1' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}'/></iq>");
        var (stanza, envelope) = world.Focus.Receives("<iq type='set' id='c1' to='focus.meet.jitsi'/>");
        Assert.Equal(ann.FullJid, stanza["from"]);
        Assert.Equal(Call, envelope.Room);
        Assert.Equal(ann.FullJid, envelope.Origin!.RealJid);
        Assert.Equal("jwt", envelope.Origin.Session.Token);
    }

    [Fact]
    public void The_room_of_nobody_cannot_be_made_by_a_client_and_the_text_is_the_one_it_knows()
    {
        var world = new World();
        var ann = world.Connects();
        ann.Joins(Call);
        ann.Receives($"<presence type='error' from='{Call}/{ann.Nick}'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Room creation is restricted</text></error></presence>");
        Assert.False(world.HasRoom(Call));
    }

    [Fact]
    public void Presence_extensions_are_relayed_untouched_and_kept_for_late_joiners()
    {
        var world = new World();
        var ann = world.Enters(extra: "<stats-id>Quinn-a1B</stats-id><nick xmlns='http://jabber.org/protocol/nick'>Ann</nick><SourceInfo>{\"a\":{\"muted\":true}}</SourceInfo><odd xmlns='urn:x'><deep a='1'/></odd>");
        var bob = world.Enters();
        const string Children = "<stats-id>Quinn-a1B</stats-id><nick xmlns='http://jabber.org/protocol/nick'>Ann</nick><SourceInfo>{\"a\":{\"muted\":true}}</SourceInfo><odd xmlns='urn:x'><deep a='1'/></odd>";
        bob.Eventually($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='participant' jid='{ann.FullJid}'/></x>{Children}</presence>");
        Assert.Contains("<nick xmlns=\"http://jabber.org/protocol/nick\">Ann</nick>", string.Join('\n', bob.Frames), StringComparison.Ordinal);

        bob.Forgets();
        ann.Sends($"<presence to='{Call}/{ann.Nick}'><jitsi_participant_raisedHand>1</jitsi_participant_raisedHand></presence>");
        bob.Receives($"<presence from='{Call}/{ann.Nick}' missing='stats-id nick'><jitsi_participant_raisedHand>1</jitsi_participant_raisedHand></presence>");
        bob.ReceivesNothing();
    }

    [Fact]
    public void Leaving_is_seen_by_all_and_by_oneself_with_code_110()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        bob.Forgets();
        ann.Sends($"<presence type='unavailable' to='{Call}/{ann.Nick}'><status>switch_room</status></presence>");
        ann.Receives($"<presence type='unavailable' from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/><status code='110'/></x><status>switch_room</status></presence>");
        bob.Receives($"<presence type='unavailable' from='{Call}/{ann.Nick}'><status>switch_room</status></presence>");
        bob.ReceivesNothing();
    }

    [Fact]
    public void Unavailable_to_nobody_leaves_every_room()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        bob.Forgets();
        ann.Sends("<presence type='unavailable'/>");
        bob.Receives($"<presence type='unavailable' from='{Call}/{ann.Nick}'/>");
    }

    [Fact]
    public void The_room_ends_with_its_last_occupant()
    {
        var world = new World();
        var ann = world.Enters();
        ann.Sends($"<presence type='unavailable' to='{Call}/{ann.Nick}'/>");
        Assert.True(world.HasRoom(Call));
        world.Focus.Leaves(Call);
        Assert.False(world.HasRoom(Call));
        Assert.Empty(world.StoreKeys);
    }

    [Fact]
    public void Joins_wait_until_focus_is_in_the_room()
    {
        var world = new World();
        var ann = world.Connects();
        // Another service opens the room; focus comes later.
        world.FromService(new() { Room = Call, Stanza = $"<presence xmlns='jabber:client' from='recorder@auth.meet.jitsi/r1' to='{Call}/recorder'><x xmlns='http://jabber.org/protocol/muc'/></presence>", ReplyQueue = "recorder.node.1" });
        world.Settle();
        ann.Joins(Call);
        ann.ReceivesNothing();
        world.Focus.Enters(Call);
        ann.Eventually($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Theory]
    [InlineData("focus")]
    [InlineData("_abc")]
    [InlineData("a-b")]
    [InlineData("ann lee")]
    public void A_client_cannot_take_a_nick_that_breaks_the_bridge_or_plays_focus(string nick)
    {
        var world = new World();
        world.Focus.Enters(Call);
        var ann = world.Connects();
        ann.Sends($"<presence to='{Call}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        ann.Receives($"<presence type='error' from='{Call}/{nick}'/>");
    }

    [Fact]
    public void A_nick_in_use_is_a_conflict_and_a_change_of_nick_is_not_allowed()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Connects();
        bob.Sends($"<presence to='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        bob.Receives("<presence type='error'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        ann.Forgets();
        ann.Sends($"<presence to='{Call}/other'/>");
        ann.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    }
}
