using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>The node that owns a conference may die at any input; nobody in the conference may notice.</summary>
public class RecoveryTests
{
    /// <summary>Joins of three with and without rewriting, a screen shared and put away, a mute, a leave, a restart, a move to another bridge.</summary>
    private static void Play(FocusScenario scenario)
    {
        scenario.Request("ann");
        scenario.Join("ann");
        scenario.Join("bob", FakeClient.PlainFeatures);
        scenario.Join("cid", FakeClient.PlainFeatures);
        scenario.Jingle("ann", Screen(scenario, "ann", JingleAction.SourceAdd));
        scenario.Ask("ann", new XmppElement("mute", "http://jitsi.org/jitmeet/audio", ("jid", $"{FocusScenario.Room}/bob")).AddText("true"));
        scenario.Advance(6);
        scenario.Terminated("bob", new JingleMessage
        {
            Action = JingleAction.SessionTerminate,
            Sid = scenario["bob"].LiveSids[^1],
            BridgeSession = new(scenario["bob"].LastInitiate.BridgeSession!.Id) { Restart = true },
        });
        scenario.Jingle("ann", Screen(scenario, "ann", JingleAction.SourceRemove));
        scenario.Bridge.Lost = true;
        scenario.NoticeBridges();
        scenario.Leave("cid");
        scenario.Join("dee");
        scenario.Advance(20);
    }

    private static JingleMessage Screen(FocusScenario scenario, string nick, JingleAction action) => new()
    {
        Action = action,
        Sid = scenario[nick].LiveSids[^1],
        Contents = [new JingleContent { Name = "video", Description = new RtpDescription { Media = "video", Sources = [new(null, new(50, MediaKind.Video, $"{nick}-v1", $"{nick}-screen t", VideoType.Desktop))] } }],
    };

    private static FocusScenario Run(Crash crash, int at)
    {
        var scenario = new FocusScenario("jvb-1", "jvb-2") { CrashKind = crash, CrashAt = at };
        Play(scenario);
        return scenario;
    }

    [Fact]
    public void A_machine_made_anew_from_the_store_after_every_input_says_the_same()
    {
        var whole = Run(Crash.None, -1);
        var reloaded = new FocusScenario("jvb-1", "jvb-2") { ReloadAlways = true };
        Play(reloaded);
        Assert.True(whole.Inputs > 60, $"only {whole.Inputs} inputs");
        Assert.Equal(whole.Log, reloaded.Log);
    }

    [Theory]
    [InlineData(nameof(Crash.BeforeWrite))]
    [InlineData(nameof(Crash.AfterWrite))]
    [InlineData(nameof(Crash.AfterOutputs))]
    public void Whenever_the_owner_dies_the_conference_goes_on(string kind)
    {
        var crash = Enum.Parse<Crash>(kind);
        var inputs = Run(Crash.None, -1).Inputs;
        for (var at = 0; at < inputs; at++)
        {
            var scenario = Run(crash, at);
            var where = $"{kind} at input {at}";
            Assert.False(scenario.FocusLeft, where);
            Assert.False(scenario.IsOver, where);
            var endpoints = scenario.Bridges[1].Conferences["5f2d"].Endpoints;
            Assert.True(endpoints.Keys.SequenceEqual(["ann", "bob", "dee"]), $"{where}: {string.Join(' ', endpoints.Keys)}");
            Assert.All(endpoints, pair => Assert.True(pair.Value.Ssrcs.Count() == 7 && pair.Value.RemoteUfrag == "client" + pair.Key, $"{where}: {pair.Key} sends {pair.Value.Ssrcs.Count()}"));
            Assert.All(scenario.Clients.Values, client => Assert.True(client.LiveSids.Count == 1, $"{where}: {client.Nick} has {client.LiveSids.Count} sessions"));
            Assert.All(scenario.Clients.Values, client => Assert.True(client.LiveSids[0] == scenario.Conference.Document.Find(client.Nick)!.Session!.Sid, where));
            Assert.True(scenario["ann"].Affiliation == "owner", where);
            // Nobody is invited more often than without the death: the first time, by the restart, by the move. A repeated stanza does not count.
            Assert.True(scenario["ann"].Jingles.Where(message => message.Action == JingleAction.SessionInitiate).Select(message => message.Sid).Distinct().Count() == 2, where);
            Assert.Empty(scenario.Conference.Document.Calls);
        }
    }

    [Fact]
    public void A_document_of_another_version_is_not_taken_for_a_conference()
    {
        Assert.Null(ConferenceDocument.TryLoad(new Dictionary<string, byte[]>(), out _));
        Assert.Null(ConferenceDocument.TryLoad(new Dictionary<string, byte[]> { ["core"] = "[]"u8.ToArray() }, out _));
        Assert.Null(ConferenceDocument.TryLoad(new Dictionary<string, byte[]> { ["core"] = "{"u8.ToArray() }, out _));
    }
}
