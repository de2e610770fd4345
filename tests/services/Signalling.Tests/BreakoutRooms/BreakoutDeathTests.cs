using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Modules.BreakoutRooms;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.BreakoutRooms;

/// <summary>
/// The owner of a main or a breakout room dies at any of its envelopes: after it is written and before it is sent, or after it is sent. Whatever is between the two rooms takes effect once.
/// </summary>
public sealed class BreakoutDeathTests : IDisposable
{
    private const string Call = BreakoutWorld.Call;
    private const string Sessions = "signalling.node.x";
    private const string Ann = "ann@meet.jitsi/r";
    private const string Bob = "bob@meet.jitsi/r";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly SignallingMetrics _metrics = new();
    private readonly SignallingFeatures _features = new(new SignallingOptions());
    private readonly MeshClock _clock;
    private readonly FailingStore _store;
    private readonly Dictionary<int, OwnedRooms> _owners = [];
    private readonly Queue<StanzaEnvelope> _queue = new();
    private readonly Dictionary<(string Sender, string Room, string Queue, long Sequence), string> _seen = [];
    private readonly Dictionary<(string Sender, string Room), long> _between = [];
    private readonly List<string> _heard = [];
    private ScriptedLink _link = new();
    private int _sends;
    private int _taken;
    private int _dies;
    private bool _sendsFirst;
    private long _epoch;
    private long _said;

    public BreakoutDeathTests()
    {
        _clock = new MeshClock(_time);
        _store = new FailingStore(new InMemoryMeshStore(_time));
    }

    public static TheoryData<int, bool> Deaths()
    {
        var data = new TheoryData<int, bool>();
        for (var i = 1; i <= Steps; i++)
        {
            data.Add(i, false);
            data.Add(i, true);
        }

        return data;
    }

    // Envelopes of the whole story, a few more or less.
    private const int Steps = 55;

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_person_goes_to_a_breakout_room_once(int dies, bool sendsFirst)
    {
        (_dies, _sendsFirst) = (dies, sendsFirst);
        _link = NewLink();
        Says("focus@auth.meet.jitsi/focus", $"<presence xmlns='jabber:client' to='{Call}/focus'><x xmlns='http://jabber.org/protocol/muc'/></presence>", isService: true);
        Says(Ann, Join(Call, "ann"));
        Says(Bob, Join(Call, "bob"));
        Says("focus@auth.meet.jitsi/focus", $"<iq xmlns='jabber:client' type='set' id='own' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='owner' jid='ann@meet.jitsi'/></query></iq>", isService: true);
        Says(Ann, "<message xmlns='jabber:client' to='breakout.meet.jitsi'><breakout_rooms type='features/breakout-rooms/add' subject='One'/></message>");
        await PassAsync();
        var room = RoomIn(_heard.Last(text => text.Contains("features/breakout-rooms/update", StringComparison.Ordinal)));
        Says("focus@auth.meet.jitsi/focus", $"<presence xmlns='jabber:client' to='{room}/focus'><x xmlns='http://jabber.org/protocol/muc'/></presence>", isService: true, room);
        Says(Bob, $"<presence xmlns='jabber:client' type='unavailable' to='{Call}/bob'><status>switch_room</status></presence>");
        Says(Bob, Join(room, "bob"), isService: false, room);
        await PassAsync();
        var last = _heard.Last(text => text.Contains("features/breakout-rooms/update", StringComparison.Ordinal));
        Assert.Contains($"\"{room}/bob\":{{\"jid\":\"{Bob}\"", last, StringComparison.Ordinal);
        Assert.DoesNotContain($"\"{Call}/bob\"", last, StringComparison.Ordinal);
        Assert.Single(_heard, text => text.Contains($"from=\"{room}/bob\"", StringComparison.Ordinal) && text.Contains("code=\"110\"", StringComparison.Ordinal));

        Says(Ann, $"<message xmlns='jabber:client' to='breakout.meet.jitsi'><breakout_rooms type='features/breakout-rooms/remove' breakoutRoomJid='{room}'/></message>");
        await PassAsync();
        Assert.Single(_heard, text => text.Contains(BreakoutRoomsModule.Removed, StringComparison.Ordinal) && text.Contains($"from=\"{room}/bob\"", StringComparison.Ordinal));
        Assert.False((await OwnerAsync(Partitions.Of(room))).Rooms.Rooms.ContainsKey(room));
        Assert.True((await OwnerAsync(Partitions.Of(Call))).Rooms.Rooms.ContainsKey(Call));
    }

    [Fact]
    public async Task The_story_has_as_many_steps_as_are_tried()
    {
        await A_person_goes_to_a_breakout_room_once(int.MaxValue, sendsFirst: false);
        Assert.InRange(_sends, Steps - 15, Steps);
    }

    public void Dispose() => _metrics.Dispose();

    private static string Join(string room, string nick) => $"<presence xmlns='jabber:client' to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>";

    private static string RoomIn(string update)
    {
        var end = update.IndexOf("@breakout.meet.jitsi", StringComparison.Ordinal);
        return update[(end - 36)..end] + "@breakout.meet.jitsi";
    }

    // As another node brings it: it stays in the queue until it is handled.
    private void Says(string from, string stanza, bool isService = false, string room = Call) => _queue.Enqueue(new StanzaEnvelope
    {
        Room = room,
        Stanza = stanza,
        Sender = isService ? "focus" : "x",
        Sequence = ++_said,
        ReplyQueue = isService ? "" : Sessions,
        Origin = isService ? null : new StanzaOrigin { RealJid = from },
    });

    private async Task PassAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            await PumpAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
            foreach (var number in _owners.Keys.ToArray()) await StepAsync(number, owned => owned.Tick(_clock.Now));
        }

        await PumpAsync();
    }

    private async Task PumpAsync()
    {
        while (_queue.TryPeek(out var envelope))
        {
            var done = await StepAsync(Partitions.Of(envelope.Room), owned =>
            {
                if (owned.Read(envelope, _features.Domains) is { } input) owned.Handle(input, _clock.Now);
            });
            // The one that died has not taken it off the queue.
            if (done) _queue.Dequeue();
        }
    }

    private async Task<bool> StepAsync(int number, Action<OwnedRooms> step)
    {
        var owned = await OwnerAsync(number);
        try
        {
            step(owned);
            Assert.True(await owned.CompleteAsync(CancellationToken.None));
            return true;
        }
        catch (OperationCanceledException)
        {
            _owners.Remove(number);
            await OwnerAsync(number);
            return false;
        }
        finally
        {
            TakeSent();
        }
    }

    private async Task<OwnedRooms> OwnerAsync(int number)
    {
        if (_owners.TryGetValue(number, out var owned)) return owned;
        var deliverer = new Deliverer(new SessionRegistry(_clock, _metrics), _link, _metrics, NullLogger<Deliverer>.Instance);
        var services = new MailboxServices(_store, deliverer, _clock, _metrics, NullLogger<PartitionMailbox>.Instance);
        _epoch++;
        try
        {
            owned = await OwnedRooms.AcquireAsync(_features.CreatePartition(number, new SeededRandomSource((ulong)_epoch)), _epoch, services, CancellationToken.None);
        }
        finally
        {
            TakeSent();
        }

        return _owners[number] = owned;
    }

    private ScriptedLink NewLink() => new()
    {
        Sending = (queue, envelope) =>
        {
            if (++_sends != _dies) return;
            if (_sendsFirst) Arrives(queue.Name, envelope);
            throw new OperationCanceledException("killed");
        },
    };

    private void TakeSent()
    {
        var sent = _link.Sent;
        for (; _taken < sent.Count; _taken++) Arrives(sent[_taken].Queue.Name, sent[_taken].Envelope);
    }

    // As the link does: a number that came is dropped when it comes again. Between rooms that is left to the room, as after a change of owners.
    private void Arrives(string queue, StanzaEnvelope envelope)
    {
        Assert.True(envelope.Sequence > 0, "It is written before it is sent, under a number.");
        if (envelope.FromRoom is not null)
        {
            // The link would warn of a gap, but for what comes back from a room that is over: that has the number of what it answers, behind a mark.
            var way = (envelope.Sender, envelope.Room);
            var last = _between.GetValueOrDefault(way);
            if (!envelope.Sender.EndsWith('>')) Assert.InRange(envelope.Sequence, 1, last + 1);
            _between[way] = Math.Max(last, envelope.Sequence);
            _queue.Enqueue(envelope);
            return;
        }

        var number = (envelope.Sender, envelope.Room, queue, envelope.Sequence);
        if (_seen.TryGetValue(number, out var before))
        {
            Assert.Equal(before, envelope.Stanza);
            return;
        }

        _seen[number] = envelope.Stanza;
        if (queue == Sessions) _heard.Add(envelope.Stanza);
    }
}
