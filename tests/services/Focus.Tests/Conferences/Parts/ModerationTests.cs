using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class ModerationTests
{
    private readonly ConferenceParts _parts = new();

    private void Component(string json, string from = "avmoderation.meet.example")
    {
        var message = Stanzas.Message(null, "focus@auth.meet.example/focus", from).Add(new XmppElement("json-message", Namespaces.JitMeet).AddText(json));
        Assert.True(Jid.TryParse(from, out var jid));
        _parts.Moderation.OnMessage(message, jid);
    }

    [Theory]
    [InlineData(1, 2, false)]
    [InlineData(2, 2, false)]
    [InlineData(3, 2, true)]
    [InlineData(3, null, false)]
    public void Participants_beyond_the_number_of_the_request_start_muted(int participants, int? beyond, bool muted)
    {
        _parts.Moderation.StartMutedBeyond(beyond, null);
        for (var i = 0; i < participants; i++) _parts.Join($"p{i}");
        Assert.Equal((muted, false), _parts.Moderation.StartMutedFor(_parts.Document.Find("p0")!));
    }

    [Fact]
    public void The_policy_of_the_room_mutes_newcomers_alone()
    {
        Component("""{"type":"room_metadata","metadata":{"startMuted":{"audio":true}}}""");
        var ann = _parts.Join("ann");
        Assert.Equal((true, false), _parts.Moderation.StartMutedFor(ann));
        Assert.Equal((false, false), _parts.Moderation.StartMutedFor(ann with { InvitedBefore = true }));
    }

    [Fact]
    public void Camera_and_desktop_share_the_flag_of_the_bridge()
    {
        var ann = _parts.Join("ann");
        Component("""{"type":"av_moderation","mediaType":"video","enabled":true}""");
        Assert.Equal((false, false), _parts.Moderation.ForceMuteFor(ann));
        Component("""{"type":"av_moderation","mediaType":"desktop","enabled":true}""");
        Assert.Equal((false, true), _parts.Moderation.ForceMuteFor(ann));
        Assert.Equal((false, false), _parts.Moderation.ForceMuteFor(ann with { Affiliation = "owner" }));
        Assert.Equal((false, false), _parts.Moderation.ForceMuteFor(ann with { IsRecorder = true }));
    }

    [Fact]
    public void A_whitelist_counts_only_while_its_kind_is_moderated()
    {
        var ann = _parts.Join("ann");
        Component("""{"type":"av_moderation","whitelists":{"audio":["standup@conference.meet.example/ann"]}}""");
        Assert.Null(_parts.Core.Moderation.Audio);
        Component("""{"type":"av_moderation","mediaType":"audio","enabled":true}""");
        Assert.True(_parts.Moderation.ForceMuteFor(ann).Audio);
        Component("""{"type":"av_moderation","mediaType":"audio","whitelists":{"audio":["standup@conference.meet.example/ann"]}}""");
        Assert.False(_parts.Moderation.ForceMuteFor(ann).Audio);
        Component("""{"type":"av_moderation","mediaType":"audio","whitelists":{}}""");
        Assert.True(_parts.Moderation.ForceMuteFor(ann).Audio);
    }

    [Fact]
    public void Moderation_mutes_all_but_its_actor_and_says_so_once()
    {
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick);
        const string On = """{"type":"av_moderation","mediaType":"audio","enabled":true,"actor":"standup@conference.meet.example/ann"}""";
        Component(On);
        Component(On);
        var mute = Assert.Single(_parts.Stanzas);
        Assert.Equal("standup@conference.meet.example/bob", mute["to"]);
        Assert.True(_parts.Document.Find("bob")!.ForceMuteAudio);
        Assert.False(_parts.Document.Find("ann")!.ForceMuteAudio);
    }

    [Fact]
    public void A_participant_that_may_speak_again_is_let_through_by_its_bridge()
    {
        var session = _parts.Session();
        _parts.Join("ann", one => one with { ForceMuteAudio = true, Session = session });
        _parts.Moderation.Lift(_parts.Document.Find("ann")!);
        var change = Assert.Single(Assert.Single(_parts.BridgeCalls).Request.Endpoints);
        Assert.Equal(("ann", false), (change.Id, change.ForceMute.Audio));
        Assert.False(_parts.Document.Find("ann")!.ForceMuteAudio);
    }

    [Theory]
    [InlineData("""{"type":""", 1)]
    [InlineData("""[1]""", 0)]
    [InlineData("""{"type":"av_moderation","mediaType":"smell","enabled":true}""", 0)]
    [InlineData("""{"type":"something"}""", 0)]
    public void What_cannot_be_read_changes_nothing(string json, int malformed)
    {
        var before = _parts.Core.Moderation;
        Component(json);
        Assert.Equal(before, _parts.Core.Moderation);
        Assert.Equal(malformed, _parts.Count(ConferenceEvent.MalformedStanza));
    }

    [Fact]
    public void An_occupant_moderates_nobody_by_a_message()
    {
        Component("""{"type":"av_moderation","mediaType":"audio","enabled":true}""", "standup@conference.meet.example/ann");
        Component("""{"type":"av_moderation","mediaType":"audio","enabled":true}""", "other@conference.meet.example");
        Assert.Null(_parts.Core.Moderation.Audio);
        Component("""{"type":"av_moderation","mediaType":"audio","enabled":true}""", ConferenceParts.Room);
        Assert.NotNull(_parts.Core.Moderation.Audio);
    }
}
