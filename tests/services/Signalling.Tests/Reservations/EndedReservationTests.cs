using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outboxes;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Reservations;

/// <summary>A room that is over, and what the reservation system is to be told of it, when the room's owner dies or its store fails.</summary>
public sealed class EndedReservationTests
{
    private const string Call = "call@muc.meet.jitsi";

    private static readonly string Key = Room.KeyPrefix(Partitions.Of(Call)) + Call;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Whenever_its_owner_dies_the_room_stands_or_its_end_is_told()
    {
        for (var call = 1; ; call++)
        {
            foreach (var takesEffect in (bool[])[false, true])
            {
                var inner = new InMemoryMeshStore(_time);
                using var store = new DyingStore(inner, call, takesEffect);
                var granted = false;
                try
                {
                    var first = await AcquireAsync(store, 1);
                    granted = await first.OpensAsync(() => store.Died.IsCancellationRequested);
                    if (granted) await first.EndsAsync();
                }
                catch (DiedException)
                {
                    Assert.True(store.Died.IsCancellationRequested);
                }

                var next = await AcquireAsync(new FailingStore(inner), 2);
                for (var i = 0; i < 3; i++) granted |= await next.EndsAsync();
                if (granted) Assert.Equal(["r-1"], (await next.ToldAsync()).Distinct());
                Assert.Empty(next.Owned.Rooms.Rooms);
                Assert.Empty(await inner.KeysAsync("room:"));
                if (store.Died.IsCancellationRequested) continue;
                Assert.True(call > 8, $"{call}");
                return;
            }
        }
    }

    [Fact]
    public async Task An_owner_that_has_lost_the_room_does_not_tell_its_end()
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        var first = await AcquireAsync(store, 1);
        Assert.True(await first.OpensAsync());
        var next = await AcquireAsync(store, 2);
        _time.Advance(SignallingLimits.UnusedReservationTime + TimeSpan.FromSeconds(1));
        first.Owned.Tick(first.Clock.Now);
        Assert.False(await first.Owned.CompleteAsync(default));
        Assert.Empty(first.Reserved.Ended);
        Assert.True(next.Owned.Rooms.Rooms.ContainsKey(Call));
    }

    [Fact]
    public async Task Rooms_do_not_wait_for_an_outbox_that_hangs_and_it_is_tried_again()
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        var owner = await AcquireAsync(store, 1);
        Assert.True(await owner.OpensAsync());
        owner.Reserved.Hangs = true;
        _time.Advance(SignallingLimits.UnusedReservationTime + TimeSpan.FromSeconds(1));
        owner.Owned.Tick(owner.Clock.Now);
        var completing = owner.Owned.CompleteAsync(default).AsTask();
        await AdvanceUntilAsync(() => completing.IsCompleted);
        Assert.True(await completing);
        Assert.Empty(owner.Owned.Rooms.Rooms);
        Assert.True((await store.ReadAsync(Key))!.Fields.ContainsKey("ended"));

        // Nobody says anything in this partition: its loop comes back by itself.
        owner.Reserved.Hangs = false;
        Assert.Empty(owner.Reserved.Ended);
        var deadline = owner.Owned.Deadline;
        Assert.NotEqual(MonotonicTime.Never, deadline);
        await AdvanceUntilAsync(() => owner.Clock.Now.Now >= deadline);
        await owner.CompleteAsync();
        Assert.Equal("r-1", Assert.Single(owner.Reserved.Ended).EndedId);
        Assert.Equal(MonotonicTime.Never, owner.Owned.Deadline);
        Assert.Null(await store.ReadAsync(Key));
    }

    [Fact]
    public async Task A_room_of_the_same_name_begins_meanwhile_and_both_ends_are_told()
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        var owner = await AcquireAsync(store, 1);
        Assert.True(await owner.OpensAsync());
        owner.Reserved.Fails = true;
        await owner.EndsAsync();
        Assert.True(await owner.OpensAsync(id: "r-2"));
        await owner.EndsAsync();
        Assert.Empty(owner.Reserved.Ended);
        Assert.True(await owner.OpensAsync(id: "r-3"));

        var next = await AcquireAsync(store, 2);
        Assert.Equal(["r-1", "r-2"], next.Reserved.Ended.Select(ended => ended.EndedId));
        Assert.True(next.Owned.Rooms.Rooms.ContainsKey(Call));
        await next.CompleteAsync();
        Assert.False((await store.ReadAsync(Key))!.Fields.ContainsKey("ended"));
        await next.EndsAsync();
        Assert.Equal("r-3", next.Reserved.Ended[^1].EndedId);
        Assert.Null(await store.ReadAsync(Key));
    }

    [Fact]
    public async Task A_room_that_opens_again_with_the_same_reservation_keeps_it_though_its_earlier_end_could_not_be_told()
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        var owner = await AcquireAsync(store, 1);
        Assert.True(await owner.OpensAsync());
        owner.Reserved.Fails = true;
        await owner.EndsAsync();
        owner.Reserved.Fails = false;

        // While it is asked for nobody knows which reservation it gets.
        await owner.AsksAsync();
        _time.Advance(SignallingLimits.EndedReservationPause);
        await owner.CompleteAsync();
        Assert.Empty(owner.Reserved.Ended);
        Assert.True((await store.ReadAsync(Key))!.Fields.ContainsKey("ended"));
        await owner.GrantAsync("r-1");
        await owner.CompleteAsync();
        Assert.Empty(owner.Reserved.Ended);
        Assert.True(owner.Owned.Rooms.Rooms.ContainsKey(Call));
        Assert.False((await store.ReadAsync(Key))!.Fields.ContainsKey("ended"));

        // Its own end is told.
        await owner.EndsAsync();
        Assert.Equal("r-1", Assert.Single(owner.Reserved.Ended).EndedId);
        Assert.Null(await store.ReadAsync(Key));
    }

    [Theory]
    [InlineData(true, "r-1", 0)]
    [InlineData(true, "r-2", 1)]
    [InlineData(false, "r-1", 0)]
    [InlineData(false, "r-2", 1)]
    public async Task The_next_owner_of_such_a_room_ends_nothing_that_is_in_use(bool granted, string id, int ended)
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        var owner = await AcquireAsync(store, 1);
        Assert.True(await owner.OpensAsync());
        owner.Reserved.Fails = true;
        await owner.EndsAsync();
        await owner.AsksAsync();
        if (granted) await owner.GrantAsync(id);

        var next = await AcquireAsync(store, 2);
        await next.CompleteAsync();
        if (!granted)
        {
            Assert.Empty(next.Reserved.Ended);
            Assert.True((await store.ReadAsync(Key))!.Fields.ContainsKey("ended"));
            await next.GrantAsync(id);
        }

        await next.CompleteAsync();
        Assert.Equal(Enumerable.Repeat("r-1", ended), next.Reserved.Ended.Select(one => one.EndedId));
        Assert.True(next.Owned.Rooms.Rooms.ContainsKey(Call));
        await next.EndsAsync();
        Assert.Equal(id, next.Reserved.Ended[^1].EndedId);
        Assert.Equal(ended + 1, next.Reserved.Ended.Count);
        Assert.Null(await store.ReadAsync(Key));
    }

    [Fact]
    public async Task An_end_that_waits_for_a_room_that_is_asked_for_is_told_when_that_one_is_refused()
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        var owner = await AcquireAsync(store, 1);
        Assert.True(await owner.OpensAsync());
        owner.Reserved.Fails = true;
        await owner.EndsAsync();
        owner.Reserved.Fails = false;
        await owner.AsksAsync();
        _time.Advance(SignallingLimits.EndedReservationPause);
        await owner.AnswerAsync(ReservationReply.Refused(403, "no", "refused"));
        await owner.CompleteAsync();
        Assert.Equal("r-1", Assert.Single(owner.Reserved.Ended).EndedId);
        Assert.Null(await store.ReadAsync(Key));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[null,{},{\"Room\":\"call@muc.meet.jitsi\",\"Attempt\":\"a\"},{\"Room\":\"r\",\"Attempt\":\"a\",\"EndedId\":\"\"}]")]
    public async Task What_nobody_of_us_wrote_tells_nothing_and_stops_no_owner(string field)
    {
        var store = new FailingStore(new InMemoryMeshStore(_time));
        await store.WriteAsync(Key, 1, new DocumentChange { Put = new Dictionary<string, byte[]> { ["ended"] = System.Text.Encoding.UTF8.GetBytes(field) } });
        var owner = await AcquireAsync(store, 2);
        Assert.Empty(owner.Reserved.Ended);
        Assert.Null(await store.ReadAsync(Key));
    }

    private async Task AdvanceUntilAsync(Func<bool> isSo)
    {
        for (var i = 0; i < 5_000 && !isSo(); i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }

        Assert.True(isSo());
    }

    private Task<Owner> AcquireAsync(IMeshStore store, long epoch) => Owner.AcquireAsync(store, epoch, _time, AdvanceUntilAsync);

    private sealed class FakeSystem(Outbox outbox) : IReservationSystem
    {
        public List<ReservationCall> Asked { get; } = [];

        public List<ReservationCall> Ended { get; } = [];

        public bool Hangs { get; set; }

        public bool Fails { get; set; }

        public void Begin(ReservationCall call) => Asked.Add(call);

        public async Task EndAsync(ReservationCall ended, CancellationToken cancellation)
        {
            if (Fails) throw new InvalidOperationException("away");
            // It does not even listen to its cancellation.
            if (Hangs) await Task.Delay(Timeout.Infinite, CancellationToken.None);
            await outbox.PutAsync(new OutboxEntry { Id = ended.EndedId!, Kind = ReservationEnds.Kind, Payload = ended.EndedId! }, cancellation);
            Ended.Add(ended);
        }
    }

    private sealed class Owner
    {
        private FakeTimeProvider _time = null!;
        private Outbox _outbox = null!;
        private Func<Func<bool>, Task> _until = null!;

        public OwnedRooms Owned { get; private set; } = null!;

        public FakeSystem Reserved { get; private set; } = null!;

        public MeshClock Clock { get; private set; } = null!;

        public static async Task<Owner> AcquireAsync(IMeshStore store, long epoch, FakeTimeProvider time, Func<Func<bool>, Task> until)
        {
            var metrics = new SignallingMetrics();
            var clock = new MeshClock(time);
            var outbox = new Outbox(store, clock, new SeededRandomSource((ulong)epoch), metrics, NullLogger<Outbox>.Instance);
            var owner = new Owner { _time = time, _outbox = outbox, _until = until, Clock = clock, Reserved = new FakeSystem(outbox) };
            var services = new MailboxServices(store, new Deliverer(new SessionRegistry(clock, metrics), new ScriptedLink("n" + epoch), metrics, NullLogger<Deliverer>.Instance), clock, metrics, NullLogger<PartitionMailbox>.Instance)
            {
                Reservations = owner.Reserved,
            };
            var features = new SignallingFeatures(new SignallingOptions { Reservations = true });
            owner.Owned = await OwnedRooms.AcquireAsync(features.CreatePartition(Partitions.Of(Call), new SeededRandomSource((ulong)epoch)), epoch, services, default);
            return owner;
        }

        public async Task CompleteAsync()
        {
            Owned.Tick(Clock.Now);
            Assert.True(await Owned.CompleteAsync(default));
        }

        /// <summary>Somebody asks for the room and it is granted. False when its owner died before it knew that it is written.</summary>
        public async Task<bool> OpensAsync(Func<bool>? died = null, string id = "r-1")
        {
            await AsksAsync();
            if (died?.Invoke() == true) return false;
            await GrantAsync(id);
            return died?.Invoke() != true;
        }

        public async Task AsksAsync()
        {
            var from = SessionInfo.Of(Jid.Parse("ann@meet.jitsi/r"), "signalling.node.other");
            Owned.Handle(new RoomInput(Call, XmppParser.Parse($"<iq xmlns='jabber:client' type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m'/></iq>"), from), Clock.Now);
            await Owned.CompleteAsync(default);
        }

        /// <summary>Lets the room end because nobody comes, and answers what is asked meanwhile.</summary>
        /// <returns>Whether something was granted here.</returns>
        public async Task<bool> EndsAsync()
        {
            await CompleteAsync();
            var granted = Reserved.Asked.Count > 0 && Owned.Rooms.Rooms.ContainsKey(Call);
            if (granted) await GrantAsync("r-1");
            _time.Advance(SignallingLimits.UnusedReservationTime + TimeSpan.FromSeconds(1));
            await CompleteAsync();
            _time.Advance(SignallingLimits.UnusedReservationTime + TimeSpan.FromSeconds(1));
            await CompleteAsync();
            return granted;
        }

        /// <summary>What the reservation system is told when it can be.</summary>
        public async Task<IReadOnlyCollection<string>> ToldAsync()
        {
            var told = new ConcurrentQueue<string>();
            using var stop = new CancellationTokenSource();
            var run = _outbox.RunAsync(ReservationEnds.Kind, (entry, _) =>
            {
                told.Enqueue(entry.Payload);
                return Task.FromResult(Delivery.Done);
            }, new OutboxLimits(), stop.Token);
            await _until(() => !told.IsEmpty);
            await stop.CancelAsync();
            await run;
            return [.. told];
        }

        public Task GrantAsync(string id) => AnswerAsync(ReservationReply.Granted(id, Clock.Now.Utc.AddHours(1)));

        public async Task AnswerAsync(ReservationReply answer)
        {
            var sender = SessionInfo.Of(Jid.Create(ReservationReply.Sender, "auth.meet.jitsi", "http"), "signalling.node.other");
            var reply = answer.ToElement(Reserved.Asked[^1].Attempt);
            Owned.Handle(new RoomInput(Call, Stanzas.Iq("set", "reservation", Call, reply, sender.FullJid), sender), Clock.Now);
            await Owned.CompleteAsync(default);
        }
    }
}
