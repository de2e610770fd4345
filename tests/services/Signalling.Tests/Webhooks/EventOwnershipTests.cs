using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Modules.RoomEvents;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>Events between a room and those who tell them: whoever dies in between, none is lost, and no room waits.</summary>
public sealed class EventOwnershipTests : IDisposable
{
    private const string Call = "call@muc.meet.jitsi";

    private static readonly int Number = Partitions.Of(Call);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly SignallingMetrics _metrics = new();
    private readonly Keeper _keeper = new();
    private readonly FailingStore _store;
    private readonly MeshClock _clock;
    private int _epoch;

    public EventOwnershipTests()
    {
        _store = new FailingStore(new InMemoryMeshStore(_time));
        _clock = new MeshClock(_time);
    }

    [Fact]
    public async Task An_owner_that_dies_between_writing_and_telling_leaves_them_to_the_next_under_the_same_ids()
    {
        _keeper.IsDown = true;
        var first = await AcquireAsync();
        await HandleAsync(first, Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        await HandleAsync(first, Joins("bob@meet.jitsi/r", "bob"));
        Assert.Empty(_keeper.Kept);
        var tried = _keeper.Tried.Distinct().ToList();
        ComesBack();

        var second = await AcquireAsync();
        Assert.Equal(["room.created", "participant.joined", "participant.joined"], _keeper.Kept.Select(one => one.Type));
        Assert.Equal(tried[0], _keeper.Kept[0].Id);
        Assert.Equal(3, _keeper.Kept.Select(one => one.Id).Distinct().Count());
        await HandleAsync(second, Leaves("ann@meet.jitsi/r", "ann"));
        Assert.Equal("participant.left", _keeper.Kept[3].Type);

        // What is told does not come again with a third.
        await HandleAsync(second, Says("bob@meet.jitsi/r"));
        await AcquireAsync();
        Assert.Equal(4, _keeper.Kept.Count);
    }

    [Fact]
    public async Task A_room_that_has_ended_keeps_its_last_events_until_they_are_kept_elsewhere()
    {
        var owned = await AcquireAsync();
        await HandleAsync(owned, Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        _keeper.IsDown = true;
        await HandleAsync(owned, Leaves("ann@meet.jitsi/r", "ann"), Leaves("focus@auth.meet.jitsi/focus", "focus"));
        Assert.Empty(owned.Rooms.Rooms);
        Assert.NotNull(await _store.ReadAsync(Key));
        Assert.True(owned.Deadline > _clock.Now.Now && owned.Deadline <= _clock.Now.Now + SignallingLimits.RoomEventPause);

        // The next owner finds it, and this one too once its store is back.
        ComesBack();
        if (await _store.ReadAsync(Key) is { } left) Assert.True(left.Fields.ContainsKey("events"));
        Assert.True(await owned.CompleteAsync(CancellationToken.None));
        Assert.Equal(["room.created", "participant.joined", "participant.left", "room.ended"], _keeper.Kept.Select(one => one.Type));
        Assert.Null(await _store.ReadAsync(Key));
        Assert.Equal(MonotonicTime.Never, owned.Deadline);
    }

    [Fact]
    public async Task The_next_owner_tells_the_end_of_a_room_whose_owner_died_with_it()
    {
        var first = await AcquireAsync();
        await HandleAsync(first, Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        _keeper.IsDown = true;
        await HandleAsync(first, Leaves("ann@meet.jitsi/r", "ann"), Leaves("focus@auth.meet.jitsi/focus", "focus"));
        var second = await AcquireAsync();
        Assert.Equal(2, _keeper.Kept.Count);
        Assert.NotNull(await _store.ReadAsync(Key));
        ComesBack();
        Assert.True(await second.CompleteAsync(CancellationToken.None));
        Assert.Equal(["participant.left", "room.ended"], _keeper.Kept.Skip(2).Select(one => one.Type));
        Assert.Null(await _store.ReadAsync(Key));
    }

    [Fact]
    public async Task A_room_of_the_same_name_that_has_begun_meanwhile_stays()
    {
        var owned = await AcquireAsync();
        await HandleAsync(owned, Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        _keeper.IsDown = true;
        await HandleAsync(owned, Leaves("ann@meet.jitsi/r", "ann"), Leaves("focus@auth.meet.jitsi/focus", "focus"));
        await HandleAsync(owned, Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("bob@meet.jitsi/r", "bob"));
        ComesBack();
        await HandleAsync(owned, Says("bob@meet.jitsi/r"));
        Assert.Equal(["room.created", "participant.joined", "participant.left", "room.ended", "room.created", "participant.joined"], _keeper.Kept.Select(one => one.Type));

        var next = await AcquireAsync();
        Assert.NotNull(next.Rooms.Rooms[Call].ByNick("bob"));
        Assert.Equal(6, Different());
    }

    [Fact]
    public async Task A_fenced_owner_tells_nothing()
    {
        var first = await AcquireAsync();
        await HandleAsync(first, Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        await AcquireAsync();
        first.Handle(Joins("bob@meet.jitsi/r", "bob"), _clock.Now);
        Assert.False(await first.CompleteAsync(CancellationToken.None));
        Assert.Equal(2, Different());
    }

    // What the owner before has given away may be given away once more, under the same id.
    private int Different() => _keeper.Kept.DistinctBy(one => one.Id).Count();

    [Fact]
    public async Task While_they_cannot_be_kept_the_room_goes_on_and_the_oldest_of_too_many_are_given_up()
    {
        var pending = new PendingEvents(_keeper, _clock, _metrics);
        _keeper.IsDown = true;
        for (var i = 0; i < SignallingLimits.UnkeptRoomEvents + 10; i++)
        {
            pending.Add([Event(i % 4 == 0 ? "a" : "b", i)]);
            if (i % 100 == 0) await pending.PutAsync(static _ => true, CancellationToken.None);
        }

        Assert.Equal(SignallingLimits.UnkeptRoomEvents, pending.Of("a").Count + pending.Of("b").Count);
        Assert.Equal("e0", pending.Of("a")[0].Id);
        ComesBack();
        await pending.PutAsync(static _ => true, CancellationToken.None);
        Assert.False(pending.Has("a") || pending.Has("b"));
        Assert.Equal(SignallingLimits.UnkeptRoomEvents, _keeper.Kept.Count);
        Assert.Equal(Enumerable.Range(0, SignallingLimits.UnkeptRoomEvents + 10).Select(i => "e" + i).Where(id => _keeper.Kept.Any(one => one.Id == id && one.Room == "b")), _keeper.Kept.Where(one => one.Room == "b").Select(one => one.Id));
        Assert.Equal(MonotonicTime.Never, pending.RetryAt);
    }

    [Fact]
    public async Task Events_of_all_rooms_are_given_away_together_and_after_a_failure_what_is_left_alone()
    {
        var pending = new PendingEvents(_keeper, _clock, _metrics);
        var events = (3 * SignallingLimits.RoomEventBatch) - 5;
        for (var i = 0; i < events; i++) pending.Add([Event("room " + (i % 7), i)]);
        _keeper.Fails = call => call == 2;
        await pending.PutAsync(static _ => true, CancellationToken.None);
        Assert.Equal(SignallingLimits.RoomEventBatch, _keeper.Kept.Count);
        ComesBack();
        await pending.PutAsync(static _ => true, CancellationToken.None);
        Assert.Equal(4, _keeper.Calls);
        Assert.Equal(events, _keeper.Kept.Count);
        Assert.Equal(events, Different());
        foreach (var room in _keeper.Kept.GroupBy(one => one.Room)) Assert.Equal(room.OrderBy(one => int.Parse(one.Id[1..], System.Globalization.CultureInfo.InvariantCulture)), room);
    }

    [Fact]
    public async Task What_is_not_written_yet_is_not_told()
    {
        var pending = new PendingEvents(_keeper, _clock, _metrics);
        pending.Add([Event("a", 1), Event("b", 2)]);
        await pending.PutAsync(room => room == "b", CancellationToken.None);
        Assert.Equal("e2", Assert.Single(_keeper.Kept).Id);
        Assert.True(pending.Has("a") && pending.RetryAt > _clock.Now.Now);
        _time.Advance(SignallingLimits.RoomEventPause);
        await pending.PutAsync(static _ => true, CancellationToken.None);
        Assert.Equal(["e2", "e1"], _keeper.Kept.Select(one => one.Id));
    }

    [Fact]
    public async Task A_room_waits_for_a_store_that_hangs_no_longer_than_the_limit()
    {
        var pending = new PendingEvents(_keeper, _clock, _metrics);
        _keeper.Hangs = true;
        pending.Add([Event("a", 1)]);
        var putting = pending.PutAsync(static _ => true, CancellationToken.None).AsTask();
        Assert.False(putting.IsCompleted);
        _time.Advance(SignallingLimits.RoomEventTime);
        await putting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(pending.Has("a") && pending.RetryAt > _clock.Now.Now);
    }

    [Fact]
    public async Task After_a_failure_nobody_waits_for_it_again_until_the_pause_is_over()
    {
        var pending = new PendingEvents(_keeper, _clock, _metrics);
        _keeper.IsDown = true;
        pending.Add([Event("a", 1)]);
        for (var i = 0; i < 10; i++) await pending.PutAsync(static _ => true, CancellationToken.None);
        Assert.Single(_keeper.Tried);
        ComesBack();
        await pending.PutAsync(static _ => true, CancellationToken.None);
        Assert.Single(_keeper.Kept);
    }

    [Fact]
    public async Task Without_webhooks_what_an_earlier_process_left_is_passed_over()
    {
        _keeper.IsDown = true;
        await HandleAsync(await AcquireAsync(), Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        var owned = await OwnedRooms.AcquireAsync(new SignallingFeatures(new SignallingOptions()).CreatePartition(Number, new SeededRandomSource(9)), ++_epoch, Services(null), CancellationToken.None);
        await HandleAsync(owned, Leaves("ann@meet.jitsi/r", "ann"), Leaves("focus@auth.meet.jitsi/focus", "focus"));
        Assert.Null(await _store.ReadAsync(Key));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("[null,{}]")]
    [InlineData("[{\"Room\":null}]")]
    [InlineData("{")]
    public async Task Events_that_cannot_be_read_cost_themselves(string events)
    {
        await HandleAsync(await AcquireAsync(), Joins("focus@auth.meet.jitsi/focus", "focus"), Joins("ann@meet.jitsi/r", "ann"));
        _keeper.Kept.Clear();
        await _store.WriteAsync(Key, _epoch, new DocumentChange { Put = new Dictionary<string, byte[]> { ["events"] = System.Text.Encoding.UTF8.GetBytes(events) } });
        var owned = await AcquireAsync();
        Assert.NotNull(owned.Rooms.Rooms[Call].ByNick("ann"));
        Assert.Empty(_keeper.Kept);
    }

    public void Dispose() => _metrics.Dispose();

    private static string Key => Room.KeyPrefix(Number) + Call;

    private static RoomEvent Event(string room, int number) => new(room, "e" + number, "room.created", 1, "{}");

    private static RoomInput Joins(string jid, string nick) => Input(jid, $"<presence xmlns='jabber:client' to='{Call}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");

    private static RoomInput Leaves(string jid, string nick) => Input(jid, $"<presence xmlns='jabber:client' type='unavailable' to='{Call}/{nick}'/>");

    private static RoomInput Says(string jid) => Input(jid, $"<message xmlns='jabber:client' type='groupchat' id='m' to='{Call}'><body>m</body></message>");

    private static RoomInput Input(string jid, string stanza) => new(Call, XmppParser.Parse(stanza), SessionInfo.Of(Jid.Parse(jid), "signalling.node.n"));

    // It is not asked at once after a failure.
    private void ComesBack()
    {
        _keeper.IsDown = false;
        _time.Advance(SignallingLimits.RoomEventPause);
    }

    private async Task HandleAsync(OwnedRooms owned, params RoomInput[] inputs)
    {
        foreach (var input in inputs) owned.Handle(input, _clock.Now);
        Assert.True(await owned.CompleteAsync(CancellationToken.None));
    }

    private async Task<OwnedRooms> AcquireAsync()
    {
        var features = new SignallingFeatures(new SignallingOptions { RoomEvents = RoomEventTypes.All.ToHashSet() });
        _epoch++;
        return await OwnedRooms.AcquireAsync(features.CreatePartition(Number, new SeededRandomSource((ulong)_epoch)), _epoch, Services(_keeper), CancellationToken.None);
    }

    private MailboxServices Services(IRoomEvents? events) =>
        new(_store, new Deliverer(new SessionRegistry(_clock, _metrics), new ScriptedLink(), _metrics, NullLogger<Deliverer>.Instance), _clock, _metrics, NullLogger<PartitionMailbox>.Instance) { Events = events };

    private sealed class Keeper : IRoomEvents
    {
        public bool IsDown { get; set; }

        public bool Hangs { get; set; }

        public Func<int, bool> Fails { get; set; } = static _ => false;

        public List<RoomEvent> Kept { get; } = [];

        public List<string> Tried { get; } = [];

        public int Calls { get; private set; }

        public ValueTask PutAsync(IReadOnlyList<RoomEvent> happened, CancellationToken cancellation)
        {
            Calls++;
            Tried.AddRange(happened.Select(one => one.Id));
            if (Hangs) return new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, cancellation));
            if (IsDown || Fails(Calls)) throw new IOException("The store is away.");
            Kept.AddRange(happened);
            return ValueTask.CompletedTask;
        }
    }
}
