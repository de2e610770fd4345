using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>What participants say in their sessions.</summary>
public class SessionTests
{
    private readonly FocusScenario _scenario = new();

    private string Sid(string nick) => _scenario[nick].LiveSids[^1];

    private JingleMessage Message(string nick, JingleAction action) => new() { Action = action, Sid = Sid(nick) };

    private JingleMessage Change(string nick, JingleAction action, SourceSet set, MediaKind kind = MediaKind.Video)
    {
        var name = kind == MediaKind.Audio ? "audio" : "video";
        return Message(nick, action) with
        {
            Contents = [new JingleContent { Name = name, Description = new RtpDescription { Media = name, Sources = [.. set.Sources.Select(source => new OwnedSource(null, source))], Groups = set.Groups } }],
        };
    }

    private static Source Screen(string nick, uint ssrc) => new(ssrc, MediaKind.Video, $"{nick}-v1", $"{nick}-screen t", VideoType.Desktop);

    private void Meet(string[]? features = null)
    {
        _scenario.Join("ann", features);
        _scenario.Join("bob", features);
    }

    [Fact]
    public void A_screen_is_added_on_the_bridge_and_told_to_those_who_need_it()
    {
        Meet(FakeClient.PlainFeatures);
        var answer = _scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, new([Screen("ann", 50), Screen("ann", 51)], [new(GroupSemantics.Fid, MediaKind.Video, [50, 51])])));
        Assert.Equal("result", answer!["type"]);
        var source = _scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].Sources.Sources_.Single(one => one.Name == "ann-v1");
        Assert.Equal(("desktop", 2, "FID"), (source.VideoType, source.Ssrcs.Count, source.Groups[0].Semantics));
        var told = _scenario["bob"].Jingles.Last();
        Assert.Equal(JingleAction.SourceAdd, told.Action);
        Assert.Equal(Sid("bob"), told.Sid);
        Assert.Equal([50u, 51u], told.Contents.Single().Description!.Sources.Select(owned => owned.Source.Ssrc));
        Assert.All(told.Contents.Single().Description!.Sources, owned => Assert.Equal("ann", owned.Owner));
    }

    [Fact]
    public void With_ssrc_rewriting_nobody_is_told_of_sources()
    {
        Meet();
        _scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, new([Screen("ann", 50)], [])));
        Assert.Equal(0, _scenario["bob"].Count(JingleAction.SourceAdd));
        Assert.Contains(50u, _scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].Ssrcs);
    }

    [Fact]
    public void A_removed_screen_goes_from_the_bridge_and_from_the_others()
    {
        Meet(FakeClient.PlainFeatures);
        _scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, new([Screen("ann", 50)], [])));
        var answer = _scenario.Jingle("ann", Change("ann", JingleAction.SourceRemove, new([new(50, MediaKind.Video)], [])));
        Assert.Equal("result", answer!["type"]);
        Assert.DoesNotContain(50u, _scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].Ssrcs);
        var told = _scenario["bob"].Jingles.Last();
        Assert.Equal(JingleAction.SourceRemove, told.Action);
        Assert.Equal("ann-v1", told.Contents.Single().Description!.Sources.Single().Source.Name);
    }

    public static TheoryData<string, SourceSet, string> Refusals => new()
    {
        { "an SSRC of someone else", new([Screen("ann", 1100)], []), "SsrcInUse" },
        { "an own SSRC again", new([Screen("ann", 1001)], []), "SsrcInUse" },
        { "an msid of someone else", new([new(50, MediaKind.Video, "ann-v1", "bob-video-0 t")], []), "MsidInUse" },
        { "too many", new([.. Enumerable.Range(0, 14).Select(i => new Source((uint)(50 + i), MediaKind.Video, $"ann-v{i + 1}", $"m{i} t"))], []), "TooManySources" },
        { "a group of nothing", new([Screen("ann", 50)], [new(GroupSemantics.Fid, MediaKind.Video, [50, 60])]), "GroupWithoutSource" },
        { "a foreign name", new([new(50, MediaKind.Video, "bob-v1", "x t")], []), "ForeignName" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_bad_source_add_is_refused_whole(string what, SourceSet set, string reason)
    {
        Meet();
        var before = _scenario.Bridge.Requests.Count;
        var answer = _scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, set));
        Assert.Equal("bad-request", _scenario.Error(answer));
        Assert.Equal(reason, StanzaError.Read(answer!).Text);
        Assert.True(before == _scenario.Bridge.Requests.Count, what);
        Assert.Equal(7, _scenario.Conference.Document.Find("ann")!.Sources.Sources.Count);
    }

    [Fact]
    public void Sources_beyond_the_sender_limit_are_refused_for_now()
    {
        _scenario.Options.MaxVideoSenders = 1;
        Meet();
        _scenario["bob"].Extras.Add(new XmppElement("SourceInfo", Namespaces.Client).AddText("""{"bob-v0":{"muted":false}}"""));
        _scenario.UpdatePresence("bob");
        Assert.Contains("video-limit-reached\" value=\"true\"", _scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
        Assert.Equal("resource-constraint", _scenario.Error(_scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, new([Screen("ann", 50)], [])))));
        _scenario["bob"].Extras.Clear();
        _scenario.UpdatePresence("bob");
        Assert.DoesNotContain("video-limit-reached", _scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _scenario.Error(_scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, new([Screen("ann", 50)], [])))));
    }

    [Fact]
    public void Removing_what_is_not_there_is_refused()
    {
        Meet();
        Assert.Equal("bad-request", _scenario.Error(_scenario.Jingle("ann", Change("ann", JingleAction.SourceRemove, new([new(1100, MediaKind.Video)], [])))));
        Assert.Equal("", _scenario.Error(_scenario.Jingle("ann", Change("ann", JingleAction.SourceRemove, SourceSet.Empty))));
    }

    [Theory]
    [InlineData(JingleAction.ContentModify)]
    [InlineData(JingleAction.TransportReplace)]
    [InlineData(JingleAction.SessionInitiate)]
    public void Other_actions_are_not_implemented(JingleAction action)
    {
        Meet();
        Assert.Equal("feature-not-implemented", _scenario.Error(_scenario.Jingle("ann", Message("ann", action))));
    }

    [Fact]
    public void An_unknown_sid_is_a_bad_request_and_so_is_someone_elses()
    {
        Meet();
        Assert.Equal("bad-request", _scenario.Error(_scenario.Jingle("ann", new JingleMessage { Action = JingleAction.SessionInfo, Sid = "nope" })));
        Assert.Equal("bad-request", _scenario.Error(_scenario.Jingle("ann", Message("bob", JingleAction.SessionInfo))));
    }

    [Fact]
    public void What_cannot_be_read_is_answered_too()
    {
        Meet();
        var jingle = XmppParser.Parse($"<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='{Sid("ann")}'><content name='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='0'/></content></jingle>");
        Assert.Equal("bad-request", _scenario.Error(_scenario.Ask("ann", jingle)));
        Assert.Equal("service-unavailable", _scenario.Error(_scenario.Ask("ann", new XmppElement("query", "jabber:iq:roster"), "get")));
        Assert.Equal("", _scenario.Error(_scenario.Ask("ann", new XmppElement("query", Namespaces.DiscoInfo), "get")));
    }

    [Fact]
    public void An_accept_with_bad_sources_ends_the_session()
    {
        _scenario.Join("ann");
        var bob = _scenario.Join("bob", configure: client => client.AutoAccept = false);
        var accept = FakeClient.Read(bob.Accept(bob.LiveSids[0]));
        var video = accept.Contents[1];
        accept = accept with { Contents = [accept.Contents[0], video with { Description = video.Description! with { Groups = [new(GroupSemantics.Fid, MediaKind.Video, [1, 2])] } }] };
        Assert.Equal("bad-request", _scenario.Error(_scenario.Jingle("bob", accept)));
        Assert.Equal(["ann"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.Equal("gone", _scenario.Error(_scenario.Jingle("bob", accept)));
    }

    [Fact]
    public void A_pending_participant_is_told_of_sources_once_it_accepts()
    {
        _scenario.Join("ann", FakeClient.PlainFeatures);
        var bob = _scenario.Join("bob", FakeClient.PlainFeatures, configure: client => client.AutoAccept = false);
        _scenario.Jingle("ann", Change("ann", JingleAction.SourceAdd, new([Screen("ann", 50)], [])));
        Assert.Equal(0, bob.Count(JingleAction.SourceAdd));
        _scenario.Ask("bob", bob.Accept(bob.LiveSids[0]));
        Assert.Contains(bob.Jingles.Last(message => message.Action == JingleAction.SourceAdd).Contents.SelectMany(content => content.Description!.Sources), owned => owned.Source.Ssrc == 50);
    }

    [Fact]
    public void A_client_that_refuses_the_offer_is_left_without_a_session()
    {
        _scenario.Join("ann");
        var bob = _scenario.Join("bob", configure: client =>
        {
            client.AutoAccept = false;
            client.RefusesOffers = true;
        });
        Assert.Equal(new JingleReason("general-error", "jingle session failed"), bob.Jingles.Last().Reason);
        Assert.Equal(["ann"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        _scenario.Join("cid");
        Assert.Equal(1, bob.Count(JingleAction.SessionInitiate));
    }

    [Fact]
    public void A_restart_gives_a_new_session_on_a_fresh_endpoint()
    {
        Meet();
        var old = Sid("ann");
        var bridgeSession = _scenario["ann"].LastInitiate.BridgeSession!;
        Assert.Equal("", _scenario.Error(Restart("ann", bridgeSession.Id)));
        Assert.NotEqual(old, _scenario["ann"].LiveSids[^1]);
        Assert.Equal(2, _scenario["ann"].Count(JingleAction.SessionInitiate));
        Assert.Equal(0, _scenario["ann"].Count(JingleAction.SessionTerminate));
        Assert.Equal(7, _scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].Ssrcs.Count());
        Assert.Equal(1, _scenario["bob"].Count(JingleAction.SessionInitiate));
        Assert.Equal("item-not-found", _scenario.Error(_scenario.Jingle("ann", new JingleMessage { Action = JingleAction.SourceAdd, Sid = old })));
        Assert.Equal("gone", _scenario.Error(_scenario.Jingle("ann", new JingleMessage { Action = JingleAction.SessionAccept, Sid = old })));
    }

    [Fact]
    public void Restarts_are_limited_and_name_the_right_bridge_session()
    {
        Meet();
        var id = _scenario["ann"].LastInitiate.BridgeSession!.Id;
        Assert.Equal("item-not-found", _scenario.Error(_scenario.Jingle("ann", Message("ann", JingleAction.SessionTerminate) with { BridgeSession = new("another") { Restart = true } })));
        Assert.Equal("", _scenario.Error(Restart("ann", id)));
        Assert.Equal("resource-constraint", _scenario.Error(Restart("ann", id)));
        Assert.Equal(["ann"], _scenario.Restarted);
        Assert.Equal(["bob"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.Equal(2, _scenario["ann"].Count(JingleAction.SessionInitiate));
    }

    [Fact]
    public void A_participant_may_end_its_session_and_stay()
    {
        Meet(FakeClient.PlainFeatures);
        Assert.Equal("", _scenario.Error(_scenario.Jingle("ann", Message("ann", JingleAction.SessionTerminate) with { Reason = new("success") })));
        Assert.Equal(["bob"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.Equal(JingleAction.SourceRemove, _scenario["bob"].Jingles.Last().Action);
        Assert.Equal(1, _scenario["ann"].Count(JingleAction.SessionInitiate));
        Assert.NotNull(_scenario.Conference.Document.Find("ann"));
    }

    [Fact]
    public void Ice_is_restarted_within_the_session()
    {
        Meet();
        var id = _scenario["ann"].LastInitiate.BridgeSession!.Id;
        Assert.Equal("", _scenario.Error(IceRestart("ann", id)));
        var info = _scenario["ann"].Jingles.Last();
        Assert.Equal((JingleAction.TransportInfo, "audio", 1), (info.Action, info.Contents.Single().Name, info.Contents.Single().Transport!.IceGeneration!.Value));
        var back = Message("ann", JingleAction.TransportInfo) with { Contents = [new JingleContent { Name = "audio", Transport = new IceUdpTransport { Ufrag = "fresh", Password = FakeClient.Password, IceGeneration = 1 } }] };
        Assert.Equal("", _scenario.Error(_scenario.Jingle("ann", back)));
        Assert.Equal("fresh", _scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].RemoteUfrag);
        Assert.Equal("resource-constraint", _scenario.Error(IceRestart("ann", id)));
        Assert.Equal("item-not-found", _scenario.Error(IceRestart("bob", "stale")));
        Assert.Single(_scenario["ann"].LiveSids);
    }

    [Fact]
    public void When_the_bridge_refuses_to_restart_ice_the_participant_is_invited_anew()
    {
        Meet();
        _scenario.Bridge.RefusesIceRestart = true;
        IceRestart("ann", _scenario["ann"].LastInitiate.BridgeSession!.Id);
        Assert.Equal(new JingleReason("success", "moving"), _scenario["ann"].Jingles.Single(message => message.Action == JingleAction.SessionTerminate).Reason);
        Assert.Equal(2, _scenario["ann"].Count(JingleAction.SessionInitiate));
        Assert.Single(_scenario["ann"].LiveSids);
    }

    [Fact]
    public void A_transport_info_without_a_transport_is_refused()
    {
        Meet();
        Assert.Equal("bad-request", _scenario.Error(_scenario.Jingle("ann", Message("ann", JingleAction.TransportInfo))));
    }

    private XmppElement? Restart(string nick, string bridgeSession) => _scenario.Terminated(nick, Message(nick, JingleAction.SessionTerminate) with
    {
        Reason = new("connectivity-error", "ICE FAILED"),
        BridgeSession = new(bridgeSession) { Restart = true },
    });

    private XmppElement? IceRestart(string nick, string bridgeSession) =>
        _scenario.Jingle(nick, Message(nick, JingleAction.SessionInfo) with { BridgeSession = new(bridgeSession) { IceRestart = true } });
}
