using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Modules.RoomEvents;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outboxes;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Signalling.Webhooks;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>Events from rooms to the outboxes of two receivers, through the store: what they cost it, and a process that dies at any of its calls.</summary>
public sealed class EventDeathTests : IDisposable
{
    private const int Receivers = 2;

    private static readonly string[] Rooms = [.. Enumerable.Range(0, 10_000).Select(i => $"call{i}@muc.meet.jitsi").Where(room => Partitions.Of(room) == 0).Take(3)];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly SignallingMetrics _metrics = new();
    private readonly MeshClock _clock;
    private readonly WebhookPlan _plan = WebhookPlan.Read(MeshSettings.From(new Dictionary<string, string?>
    {
        ["MESH_WEBHOOK_URLS"] = "https://one.example.org/,https://two.example.org/",
        ["MESH_WEBHOOK_SECRET"] = "a text of 24 characters or more",
    }));

    public EventDeathTests() => _clock = new MeshClock(_time);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task All_events_of_one_batch_cost_each_receiver_three_calls_to_the_store()
    {
        var inner = new InMemoryMeshStore(_time);
        using var store = new DyingStore(inner, int.MaxValue, takesEffect: true);
        var owned = await AcquireAsync(store, 1);
        await HandleAsync(owned, Rooms.SelectMany(Joins));
        var before = store.Calls;
        // Nobody is told anything of these but the rooms, whose documents are written: one call each.
        await HandleAsync(owned, Rooms.Select(Says));
        var quiet = store.Calls - before;
        foreach (var people in (int[])[1, 10])
        {
            before = store.Calls;
            await HandleAsync(owned, Rooms.SelectMany(room => Enumerable.Range(0, people).Select(i => Comes(room, $"guest{people}x{i}"))));
            Assert.Equal(quiet + (3 * Receivers), store.Calls - before);
        }

        // The room's beginning, two who joined in Joins, and eleven more, of each.
        foreach (var kind in Kinds) Assert.Equal(Rooms.Length * 14, (await ToldAsync(inner, kind)).Count);
    }

    [Fact]
    public async Task Whenever_their_owner_dies_each_receiver_is_told_of_what_rooms_are_and_of_nothing_twice_under_two_ids()
    {
        for (var call = 1; ; call++)
        {
            foreach (var takesEffect in (bool[])[false, true])
            {
                var inner = new InMemoryMeshStore(_time);
                using var store = new DyingStore(inner, call, takesEffect);
                try
                {
                    var first = await AcquireAsync(store, 1);
                    // A failure of the store that is none of its calls' own is passed over by rooms: the death is what counts.
                    if (Lives(store)) await HandleAllAsync(first, Rooms.SelectMany(Joins));
                    if (Lives(store)) await HandleAllAsync(first, Rooms.Select(room => Goes(room, "ann")).Append(Goes(Rooms[0], "bob")).Append(Goes(Rooms[0], "focus")));
                }
                catch (DiedException)
                {
                    Assert.False(Lives(store));
                }

                var next = await AcquireAsync(new FailingStore(inner), 2);
                Assert.True(await next.CompleteAsync(default));
                foreach (var kind in Kinds)
                {
                    var told = (await ToldAsync(inner, kind)).DistinctBy(one => one.Id).ToList();
                    // A room that nothing was written of was not, and the others have what was told of them: no more and no less, in its order.
                    foreach (var room in Rooms)
                    {
                        var of = told.Where(one => one.OrderKey == room).Select(one => TypeOf(one.Payload)).ToList();
                        string[] expected = next.Rooms.Find(room) is not { } standing
                            ? of.Count == 0 ? [] : ["room.created", "participant.joined", "participant.joined", "participant.left", "participant.left", "room.ended"]
                            : ["room.created", .. Enumerable.Repeat("participant.joined", 2), .. Enumerable.Repeat("participant.left", standing.ByNick("ann") is null ? 1 : 0)];
                        Assert.Equal(expected, of);
                    }
                }

                if (!Lives(store)) continue;
                Assert.True(call > 20, $"{call}");
                Assert.Null(next.Rooms.Find(Rooms[0]));
                return;
            }
        }
    }

    private static bool Lives(DyingStore store) => !store.Died.IsCancellationRequested;

    private static string TypeOf(string payload) => System.Text.Json.JsonDocument.Parse(payload).RootElement.GetProperty("type").GetString()!;

    private IEnumerable<string> Kinds => _plan.Receivers.Select(receiver => WebhookDelivery.KindPrefix + receiver.Key);

    private static IEnumerable<RoomInput> Joins(string room) => [Input(room, "focus@auth.meet.jitsi/focus", Join(room, "focus")), Comes(room, "ann"), Comes(room, "bob")];

    private static RoomInput Comes(string room, string nick) => Input(room, nick + "@meet.jitsi/r", Join(room, nick));

    private static RoomInput Goes(string room, string nick) => Input(room, nick == "focus" ? "focus@auth.meet.jitsi/focus" : nick + "@meet.jitsi/r", $"<presence xmlns='jabber:client' type='unavailable' to='{room}/{nick}'/>");

    private static RoomInput Says(string room) => Input(room, "ann@meet.jitsi/r", $"<message xmlns='jabber:client' type='groupchat' id='m' to='{room}'><body>m</body></message>");

    private static string Join(string room, string nick) => $"<presence xmlns='jabber:client' to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>";

    private static RoomInput Input(string room, string jid, string stanza) => new(room, XmppParser.Parse(stanza), SessionInfo.Of(Jid.Parse(jid), "signalling.node.n"));

    private async Task HandleAsync(OwnedRooms owned, IEnumerable<RoomInput> inputs) => Assert.True(await HandleAllAsync(owned, inputs));

    private async Task<bool> HandleAllAsync(OwnedRooms owned, IEnumerable<RoomInput> inputs)
    {
        foreach (var input in inputs) owned.Handle(input, _clock.Now);
        return await owned.CompleteAsync(default);
    }

    private Outbox Create(IMeshStore store, ulong seed) => new(store, _clock, new SeededRandomSource(seed), _metrics, NullLogger<Outbox>.Instance);

    private async Task<OwnedRooms> AcquireAsync(IMeshStore store, long epoch)
    {
        var features = new SignallingFeatures(new SignallingOptions { RoomEvents = RoomEventTypes.All.ToHashSet() });
        var services = new MailboxServices(store, new Deliverer(new SessionRegistry(_clock, _metrics), new ScriptedLink("n" + epoch), _metrics, NullLogger<Deliverer>.Instance), _clock, _metrics, NullLogger<PartitionMailbox>.Instance)
        {
            Events = new WebhookEvents(_plan, Create(store, (ulong)epoch)),
        };
        return await OwnedRooms.AcquireAsync(features.CreatePartition(0, new SeededRandomSource((ulong)epoch)), epoch, services, default);
    }

    /// <summary>What a receiver would be told now, in order.</summary>
    private static async Task<IReadOnlyList<OutboxEntry>> ToldAsync(InMemoryMeshStore store, string kind)
    {
        var waiting = new OutboxStore(store, kind);
        var told = new List<OutboxEntry>();
        foreach (var (id, listed, _) in (await waiting.ListAsync(new HashSet<string>(), 0, default)).New.OrderBy(one => (one.Listed.Sequence, one.Listed.Index)))
        {
            told.Add(new OutboxEntry { Id = id, Kind = kind, OrderKey = listed.OrderKey, Payload = (await waiting.PayloadAsync(id, listed.Sequence, default))! });
        }

        return told;
    }
}
