using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

public class ModerationTests
{
    private const string Audio = "http://jitsi.org/jitmeet/audio";

    private readonly FocusScenario _scenario = new();

    public ModerationTests()
    {
        // ann is the eldest and owns the room.
        foreach (var nick in new[] { "ann", "bob", "cid" }) _scenario.Join(nick);
    }

    private static string Occupant(string nick) => $"{FocusScenario.Room}/{nick}";

    private XmppElement? Mute(string by, string target, string value, string ns = Audio) =>
        _scenario.Ask(by, new XmppElement("mute", ns, ("jid", Occupant(target))).AddText(value));

    private void Component(string json) => _scenario.Message(Stanzas.Message(null, "focus@auth.meet.example/focus", "avmoderation.meet.example").Add(
        new XmppElement("json-message", Namespaces.JitMeet).AddText(json)));

    [Theory]
    [InlineData("audio")]
    [InlineData("video")]
    [InlineData("desktop")]
    public void A_moderator_mutes_someone(string kind)
    {
        Assert.Equal("", _scenario.Error(Mute("ann", "bob", "true", "http://jitsi.org/jitmeet/" + kind)));
        var mute = _scenario["bob"].Received[^1].Child("mute")!;
        Assert.Equal(("http://jitsi.org/jitmeet/" + kind, "true", Occupant("ann"), Occupant("bob")), (mute.Namespace, mute.Text, mute["actor"], mute["jid"]));
        Assert.Null(_scenario["cid"].Received[^1].Child("mute"));
        Assert.False(_scenario.Bridge.Conferences["5f2d"].Endpoints["bob"].ForceMute.Audio);
    }

    [Theory]
    [InlineData("bob", "cid", "true", "not-allowed")]
    [InlineData("ann", "bob", "false", "not-allowed")]
    [InlineData("ann", "zoe", "true", "internal-server-error")]
    [InlineData("ann", "bob", "perhaps", "bad-request")]
    [InlineData("bob", "bob", "false", "")]
    [InlineData("bob", "bob", "true", "")]
    public void Mutes_are_answered_by_the_rules(string by, string target, string value, string error) =>
        Assert.Equal(error, _scenario.Error(Mute(by, target, value)));

    [Fact]
    public void Moderation_mutes_all_but_its_actor_and_the_bridge_lets_them_through_when_they_may_speak()
    {
        Component($$"""{"type":"av_moderation","room":"{{FocusScenario.Room}}","mediaType":"audio","enabled":true,"actor":"{{Occupant("ann")}}"}""");
        Assert.Null(_scenario["ann"].Received[^1].Child("mute"));
        Assert.Equal("true", _scenario["bob"].Received[^1].Child("mute", Audio)!.Text);
        var endpoints = _scenario.Bridge.Conferences["5f2d"].Endpoints;
        Assert.Equal([false, true, true], endpoints.Values.Select(endpoint => endpoint.ForceMute.Audio));
        Assert.Equal("not-allowed", _scenario.Error(Mute("bob", "bob", "false")));
        Component($$$"""{"type":"av_moderation","whitelists":{"audio":["{{{Occupant("bob")}}}"]}}""");
        Assert.Equal("", _scenario.Error(Mute("bob", "bob", "false")));
        Assert.Equal([false, false, true], endpoints.Values.Select(endpoint => endpoint.ForceMute.Audio));
    }

    private bool IsForceMuted(string nick) => _scenario.Bridge.Conferences["5f2d"].Endpoints[nick].ForceMute.Audio;

    // lib-jitsi-meet does not ask to be unmuted in each of these cases.
    [Fact]
    public void The_bridge_lets_through_who_may_speak_without_being_asked_again()
    {
        Component($$"""{"type":"av_moderation","mediaType":"audio","enabled":true,"actor":"{{Occupant("ann")}}"}""");
        _scenario.Join("dee");
        Assert.Equal([false, true, true, true], new[] { "ann", "bob", "cid", "dee" }.Select(IsForceMuted));

        // A newcomer that started muted is approved.
        Component($$$"""{"type":"av_moderation","whitelists":{"audio":["{{{Occupant("dee")}}}"]}}""");
        Assert.Equal([false, true, true, false], new[] { "ann", "bob", "cid", "dee" }.Select(IsForceMuted));

        // Taken back: what goes through is cut only when the moderator mutes.
        Component("""{"type":"av_moderation","mediaType":"audio","whitelists":{}}""");
        Assert.False(IsForceMuted("dee"));
        Assert.Equal("", _scenario.Error(Mute("ann", "dee", "true")));
        Assert.True(IsForceMuted("dee"));

        // Another becomes a moderator, and all may speak again.
        _scenario["bob"].Affiliation = "owner";
        _scenario.UpdatePresence("bob");
        Assert.Equal([false, false, true, true], new[] { "ann", "bob", "cid", "dee" }.Select(IsForceMuted));
        Component("""{"type":"av_moderation","mediaType":"audio","enabled":false}""");
        Assert.Equal([false, false, false, false], new[] { "ann", "bob", "cid", "dee" }.Select(IsForceMuted));
    }

    [Fact]
    public void Newcomers_to_a_moderated_room_start_muted()
    {
        Component("""{"type":"av_moderation","mediaType":"audio","enabled":true}""");
        var dee = _scenario.Join("dee");
        Assert.Equal(new StartMuted(true, false), dee.LastInitiate.StartMuted);
        Assert.True(_scenario.Bridge.Conferences["5f2d"].Endpoints["dee"].ForceMute.Audio);
    }

    [Fact]
    public void The_rooms_policy_mutes_newcomers_but_not_those_who_are_invited_again()
    {
        _scenario.Message(Stanzas.Message(null, "focus@auth.meet.example/focus", "metadata.meet.example").Add(
            new XmppElement("json-message", Namespaces.JitMeet, ("room", FocusScenario.Room)).AddText("""{"type":"room_metadata","metadata":{"startMuted":{"audio":true,"video":true}}}""")));
        var dee = _scenario.Join("dee");
        Assert.Equal(new StartMuted(true, true), dee.LastInitiate.StartMuted);
        _scenario.Bridge.Restart();
        _scenario.NoticeBridges();
        Assert.Equal(2, dee.Count(JingleAction.SessionInitiate));
        Assert.Null(dee.LastInitiate.StartMuted);
    }

    [Fact]
    public void An_occupants_message_moderates_nothing()
    {
        _scenario.Message(Stanzas.Message(null, "focus@auth.meet.example/focus", Occupant("bob")).Add(
            new XmppElement("json-message", Namespaces.JitMeet).AddText("""{"type":"av_moderation","mediaType":"audio","enabled":true}""")));
        Component("{");
        Component("[]");
        Component("""{"type":"av_moderation","whitelists":{"audio":[1]}}""");
        Assert.Equal("", _scenario.Error(Mute("bob", "bob", "false")));
    }
}
