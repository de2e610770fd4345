using System.Text;
using System.Text.Json;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Signalling.Handover;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests.Handover;

/// <summary>What is written of a session, and what another node makes of it.</summary>
public sealed class SavedSessionTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Id = "0123456789-0af7651916cd43dd8448eb211c80319c";

    private static readonly string Queue = SavedSessions.QueueOf("n");

    [Fact]
    public void A_saved_session_goes_on_with_its_counters_its_rooms_and_what_its_client_missed()
    {
        var world = new World();
        var ann = world.Enters(token: "secret");
        var bob = world.Enters();
        bob.Sends($"<message type='groupchat' to='{Call}' id='seen'><body>seen</body></message>");
        var seen = ann.Handled;
        ann.Sends($"<a xmlns='urn:xmpp:sm:3' h='{seen}'/>");
        bob.Sends($"<message type='groupchat' to='{Call}' id='missed'><body>missed</body></message>");

        var outputs = new SessionOutputs();
        var session = Restored(world, ann.Session.Save(world.Now)!);
        Assert.False(session.IsAttached);
        Assert.Equal((ann.FullJid, "secret", 1), (session.FullJid, session.Info.Context.Token, session.UnacknowledgedCount));
        Assert.Equal(ann.Session.Info.Queue, session.Info.Queue);
        Assert.Equal(ann.Session.Rooms, session.Rooms);
        session.Name(Id);
        Assert.True(session.Attach(seen, SessionInfo.Of(session.Info.Jid, "elsewhere"), world.Now, outputs));
        var frames = outputs.Frames.ConvertAll(frame => frame.ToText(session.EscapedJid));
        Assert.Contains($"previd=\"{Id}\"", frames[0], StringComparison.Ordinal);
        Assert.Contains(" h=\"1\"", frames[0], StringComparison.Ordinal);
        Assert.Contains($"to=\"{ann.FullJid}\"", frames[1], StringComparison.Ordinal);
        Assert.Contains("id=\"missed\"", frames[1], StringComparison.Ordinal);
        // Where rooms reach it does not change with the node.
        Assert.Equal(ann.Session.Info.Queue, session.Info.Queue);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_client_that_counts_otherwise_is_not_resumed(int more)
    {
        var world = new World();
        var ann = world.Enters();
        ann.Sends($"<a xmlns='urn:xmpp:sm:3' h='{ann.Handled}'/>");
        world.Focus.Sends(Call, $"<message type='groupchat' to='{Call}'><body>missed</body></message>");
        var acknowledged = ann.Handled - 1;
        var session = Restored(world, ann.Session.Save(world.Now)!);
        session.Name(Id);
        Assert.False(session.Attach((uint)(acknowledged + more), session.Info, world.Now, new SessionOutputs()));
        Assert.True(session.Attach(acknowledged, session.Info, world.Now, new SessionOutputs()));
    }

    [Fact]
    public void A_saved_session_waits_as_long_as_it_would_have_where_it_was_and_then_leaves_its_rooms()
    {
        var world = new World();
        var ann = world.Enters();
        ann.LosesSocket();
        world.Passes(TimeSpan.FromSeconds(40));
        var saved = ann.Session.Save(world.Now)!;
        world.Passes(TimeSpan.FromSeconds(10));
        var session = Restored(world, saved);
        Assert.Equal(world.Now.Now + TimeSpan.FromSeconds(10), session.Deadline);

        var outputs = new SessionOutputs();
        session.Tick(world.Now with { Now = session.Deadline }, outputs);
        var left = Assert.Single(outputs.Effects.OfType<ToRoom>()).Input;
        Assert.Equal((Call, "unavailable", ann.FullJid), (left.Room, left.Stanza["type"], left.From.FullJid));
        Assert.Equal(Muc.LeaveReason.TimedOut, left.LeftBecause);
    }

    [Fact]
    public void A_session_that_nobody_can_resume_and_one_that_has_ended_are_not_saved()
    {
        var world = new World();
        Assert.Null(world.Connects(management: false).Session.Save(world.Now));
        var ann = world.Enters();
        var session = ann.Session;
        session.End(SessionEndReason.ClosedByClient, world.Now, new SessionOutputs());
        Assert.Null(session.Save(world.Now));
    }

    [Fact]
    public async Task A_session_is_taken_once_and_the_store_does_not_learn_the_id_that_resumes_it()
    {
        var inner = new InMemoryMeshStore(TimeProvider.System);
        var saved = new SavedSessions(new FailingStore(inner));
        var session = new SavedSession { FullJid = "a@meet.jitsi/r", Queue = Queue, Context = new Contracts.Links.SessionContext { Token = "secret" } };
        var first = await saved.NextEpochAsync(Queue, default);
        var hash = SavedSessions.HashOf(Id);
        Assert.True(await saved.WriteAsync(session, hash, first, default));
        var key = Assert.Single(await inner.KeysAsync("session:"));
        var document = (await inner.ReadAsync(key))!;
        Assert.All(document.Fields.Values.Select(Encoding.UTF8.GetString).Append(key), text => Assert.DoesNotContain("0af7651916cd43dd", text, StringComparison.Ordinal));
        Assert.True(await saved.HasAsync(SavedSessions.TagOf(Queue), hash, default));

        // Of two that try, the one with the newer epoch has it.
        var (older, newer) = (await saved.NextEpochAsync(Queue, default), await saved.NextEpochAsync(Queue, default));
        Assert.Equal([hash], await saved.HashesAsync(Queue, default));
        Assert.Equal("secret", (await saved.TakeAsync(Queue, hash, newer, keep: false, default))?.Context.Token);
        Assert.Null(await saved.TakeAsync(Queue, hash, older, keep: false, default));
        Assert.Empty(await saved.HashesAsync(Queue, default));
        Assert.False(await saved.HasAsync(SavedSessions.TagOf(Queue), hash, default));
    }

    [Fact]
    public async Task What_cannot_be_read_costs_that_session_and_what_is_too_big_is_not_written()
    {
        var store = new FailingStore(new InMemoryMeshStore(TimeProvider.System));
        var saved = new SavedSessions(store);
        var session = new SavedSession { FullJid = "a@meet.jitsi/r", Queue = Queue, Context = Contracts.Links.SessionContext.Empty };
        var big = session with { Unacknowledged = [new SavedStanza(new string('x', SignallingLimits.SavedSessionOctets), 0)] };
        Assert.False(await saved.WriteAsync(big, "big", 1, default));
        Assert.Empty(await saved.HashesAsync(Queue, default));

        await saved.WriteAsync(session with { Unacknowledged = [new SavedStanza("<message/>", 0)] }, "whole", 1, default);
        var whole = (await store.ReadAsync($"session:{SavedSessions.TagOf(Queue)}:whole"))!.Fields;
        await saved.RemoveAsync(Queue, "whole", 1, default);
        (string Field, string Text)[] broken =
        [
            ("card", "{"), ("card", "null"), ("card", "{}"), ("card", """{"FullJid":"a@meet.jitsi/r","Queue":"signalling.node.other","Context":{}}"""),
            ("state", "{"), ("state", "null"), ("state", "{}"), ("sent:x", "[]"), ("sent:1", "[null]"), ("sent:1", "{"), ("sent:3", """[{"Stanza":"<message/>","SentMilliseconds":0}]"""),
        ];
        for (var i = 0; i < broken.Length; i++)
        {
            var change = new Contracts.Store.DocumentChange { Put = new Dictionary<string, byte[]>(whole) { [broken[i].Field] = Encoding.UTF8.GetBytes(broken[i].Text) } };
            await store.WriteAsync($"session:{SavedSessions.TagOf(Queue)}:{i}", 1, change);
            Assert.Null(await saved.TakeAsync(Queue, $"{i}", 2, keep: true, default));
        }

        Assert.Empty(await saved.HashesAsync(Queue, default));
        Assert.Null(XmppSession.Restore(session with { Unacknowledged = [new SavedStanza("<message", 0)] }, new World().Nodes[0].Router, TimeSpan.FromSeconds(60), new World().Now));
        Assert.Null(XmppSession.Restore(session with { FullJid = "nobody" }, new World().Nodes[0].Router, TimeSpan.FromSeconds(60), new World().Now));
    }

    [Fact]
    public async Task What_nobody_took_is_removed_when_its_time_has_long_been_over()
    {
        var saved = new SavedSessions(new FailingStore(new InMemoryMeshStore(TimeProvider.System)));
        var now = new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero);
        var session = new SavedSession { FullJid = "a@meet.jitsi/r", Queue = Queue, Context = Contracts.Links.SessionContext.Empty };
        await saved.WriteAsync(session with { WaitsUntilMilliseconds = now.ToUnixTimeMilliseconds() }, "waits", 1, default);
        await saved.WriteAsync(session with { WaitsUntilMilliseconds = (now - TimeSpan.FromHours(1)).ToUnixTimeMilliseconds() }, "over", 1, default);
        // A served session: its node is there, or was a moment ago.
        await saved.WriteAsync(session, "served", 1, default);
        var orphans = new HashSet<string>();
        await saved.SweepAsync(now, new HashSet<string> { SavedSessions.TagOf(Queue) }, orphans, default);
        Assert.Equal(["over", "served", "waits"], (await saved.HashesAsync(Queue, default)).Order());
        await saved.SweepAsync(now, new HashSet<string>(), orphans, default);
        Assert.Equal(["served", "waits"], (await saved.HashesAsync(Queue, default)).Order());
        await saved.SweepAsync(now, new HashSet<string>(), orphans, default);
        Assert.Equal(["waits"], await saved.HashesAsync(Queue, default));
    }

    private static XmppSession Restored(World world, SavedSession saved)
    {
        var read = JsonSerializer.Deserialize<SavedSession>(JsonSerializer.SerializeToUtf8Bytes(saved))!;
        return XmppSession.Restore(read, world.Nodes[0].Router, TimeSpan.FromSeconds(60), world.Now)!;
    }
}
