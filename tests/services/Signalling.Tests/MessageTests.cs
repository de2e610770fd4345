using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Chat, JSON, subject, history (signalling reference, section 5).</summary>
public sealed class MessageTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void A_message_comes_back_to_its_sender_with_the_same_id()
    {
        var world = new World();
        var ann = world.Enters();
        ann.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}' id='m1'><body>hi</body></message>");
        ann.Receives($"<message type='groupchat' from='{Call}/{ann.Nick}' id='m1'><body>hi</body></message>");
    }

    [Fact]
    public void A_message_without_id_gets_one_that_history_keeps()
    {
        var world = new World();
        var ann = world.Enters();
        ann.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}'><body>hi</body></message>");
        var id = ann.Receives("<message type='groupchat' id='*'/>")["id"]!;
        var bob = world.Enters();
        bob.Eventually($"<message type='groupchat' from='{Call}/{ann.Nick}' id='{id}'><body>hi</body><delay xmlns='urn:xmpp:delay' stamp='2026-08-24T09:00:00.000Z'/></message>");
        bob.Receives("<message><subject/></message>");
    }

    [Fact]
    public void History_keeps_the_last_twenty_bodies_and_no_json_and_the_name_of_who_left()
    {
        var world = new World();
        var ann = world.Enters(extra: "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>");
        for (var i = 0; i < 25; i++) ann.Sends($"<message type='groupchat' to='{Call}' id='m{i}'><body>{i}</body></message>");
        ann.Sends($"<message type='groupchat' to='{Call}'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"x\"}}</json-message></message>");
        ann.Sends($"<presence type='unavailable' to='{Call}/{ann.Nick}'/>");
        var bob = world.Enters();
        var history = bob.Inbox.Where(stanza => stanza.Child("delay") is not null).ToList();
        Assert.Equal(20, history.Count);
        Assert.Equal("m5", history[0]["id"]);
        Assert.All(history, message => Assert.Equal("Ann", message.Child("display-name")!.Text));
    }

    [Theory]
    [InlineData("<retract xmlns='urn:xmpp:message-retract:1' id='{0}'/>")]
    [InlineData("<body>x</body><replace xmlns='urn:xmpp:message-correct:0' id='{0}'/>")]
    [InlineData("<json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"editChat\",\"messageId\":\"{0}\",\"message\":\"x\"}}</json-message>")]
    [InlineData("<apply-to xmlns='urn:xmpp:fasten:0' id='{0}'><moderated xmlns='urn:xmpp:message-moderate:1'><retract xmlns='urn:xmpp:message-retract:1'/></moderated></apply-to>")]
    public void A_message_is_changed_by_its_author_alone_however_long_ago_it_was(string change)
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        for (var i = 0; i < 2 * SignallingLimits.History; i++) bob.Sends($"<message type='groupchat' to='{Call}' id='m{i}'><body>{i}</body></message>");
        world.Focus.MakesOwner(Call, ann.BareJid);
        // An id that is taken makes nobody the author of what had it first.
        ann.Sends($"<message type='groupchat' to='{Call}' id='m0'><body>mine</body></message>");
        ann.Forgets();
        bob.Forgets();
        var moderates = change.Contains("apply-to", StringComparison.Ordinal);
        var (author, other) = moderates ? (ann, bob) : (bob, ann);
        string Change(string id) => string.Format(System.Globalization.CultureInfo.InvariantCulture, change, id);
        other.Sends($"<message type='groupchat' to='{Call}' id='c'>{Change("m0")}</message>");
        other.Receives("<message type='error' id='c'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        author.ReceivesNothing();
        author.Sends($"<message type='groupchat' to='{Call}' id='u'>{Change("unknown")}</message>");
        author.Receives("<message type='error' id='u'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        author.Sends($"<message type='groupchat' to='{Call}' id='d'>{Change("m0")}</message>");
        other.Receives($"<message type='groupchat' id='d' from='{Call}/{author.Nick}'/>");
    }

    [Fact]
    public void Names_on_messages_cannot_be_claimed()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        bob.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}'><body>x</body><nick xmlns='http://jabber.org/protocol/nick'>Boss</nick><display-name xmlns='http://jitsi.org/protocol/display-name' source='token'>Boss</display-name></message>");
        bob.Receives("<message type='groupchat' missing='nick display-name'><body>x</body></message>");
    }

    [Fact]
    public void Private_messages_reach_one_with_or_without_a_body()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        var cid = world.Enters();
        foreach (var client in (Client[])[ann, bob, cid]) client.Forgets();
        ann.Sends($"<message type='chat' to='{Call}/{bob.Nick}' id='p'><body>psst</body></message>");
        ann.Sends($"<message type='chat' to='{Call}/{bob.Nick}'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"olm\"}}</json-message></message>");
        bob.Receives($"<message type='chat' id='p' from='{Call}/{ann.Nick}' to='{bob.FullJid}'><body>psst</body></message>");
        bob.Receives($"<message type='chat' from='{Call}/{ann.Nick}'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"olm\"}}</json-message></message>");
        cid.ReceivesNothing();
        ann.ReceivesNothing();
        ann.Sends($"<message type='chat' to='{Call}/nobody' id='q'><body>psst</body></message>");
        ann.Receives("<message type='error' id='q'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Fact]
    public void A_stranger_cannot_speak_into_a_room()
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Connects();
        ann.Forgets();
        mallory.Sends($"<message type='groupchat' to='{Call}' id='x'><body>spam</body></message>");
        mallory.Receives("<message type='error' id='x'><error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        ann.ReceivesNothing();
    }

    [Fact]
    public void A_reply_gets_the_namespace_that_clients_read()
    {
        var world = new World();
        var ann = world.Enters();
        ann.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}'><body>x</body><reply to='m1'/></message>");
        ann.Receives("<message><body>x</body><reply xmlns='urn:xmpp:reply:0' to='m1'/></message>");
    }

    [Fact]
    public void Reactions_pass_and_only_the_author_retracts()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Sends($"<message type='groupchat' to='{Call}' id='m1'><body>x</body></message>");
        ann.Forgets();
        bob.Forgets();
        bob.Sends($"<message type='groupchat' to='{Call}'><reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>👍</reaction></reactions><store xmlns='urn:xmpp:hints'/></message>");
        ann.Receives("<message><reactions xmlns='urn:xmpp:reactions:0' id='m1'/><store xmlns='urn:xmpp:hints'/></message>");
        bob.Forgets();
        const string Retraction = "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/><body>fallback</body>";
        bob.Sends($"<message type='groupchat' to='{Call}' id='r'>{Retraction}</message>");
        bob.Receives("<message type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>You can only retract your own messages</text></error></message>");
        ann.ReceivesNothing();
        ann.Sends($"<message type='groupchat' to='{Call}'>{Retraction}</message>");
        bob.Receives("<message><retract xmlns='urn:xmpp:message-retract:1' id='m1'/></message>");
        var cid = world.Enters();
        Assert.DoesNotContain(cid.Inbox, stanza => stanza.Child("body") is not null);
    }

    [Fact]
    public void Transcripts_come_from_the_transcriber_alone()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        bob.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"transcription-result\"}}</json-message></message>");
        bob.ReceivesNothing();
    }

    [Fact]
    public void The_subject_is_set_by_moderators_and_told_to_joiners()
    {
        var world = new World();
        var ann = world.Enters();
        ann.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}' id='s'><subject>Weekly</subject></message>");
        ann.Receives("<message type='error' id='s'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        ann.Sends($"<message type='groupchat' to='{Call}'><subject>Weekly</subject></message>");
        ann.Receives($"<message type='groupchat' from='{Call}/{ann.Nick}'><subject>Weekly</subject></message>");
        world.Enters().Eventually("<message type='groupchat'><subject>Weekly</subject></message>");
    }
}
