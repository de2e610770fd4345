using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Bounds that many sessions fill together: the presences of a room, what one address makes a room put out, what one address sends.</summary>
public sealed class SharedBudgetTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Join = "<x xmlns='http://jabber.org/protocol/muc'/>";

    private static readonly MeshInstant Now = new World().Now;

    [Fact]
    public void The_presences_of_a_room_are_bounded_together_and_ordinary_ones_come_in_all_the_same()
    {
        var room = new FullRoom();
        const int Long = SignallingLimits.PresenceOctets - 512;
        var taken = 0;
        while (room.Says($"long{taken}", Long, joins: true) is null) taken++;
        Assert.InRange(taken, (SignallingLimits.PresencesOfRoomOctets / SignallingLimits.PresenceOctets) - 2, (SignallingLimits.PresencesOfRoomOctets / Long) + 1);
        Assert.Equal("policy-violation", room.Says("late", Long, joins: true));
        Assert.DoesNotContain("late", room.Nicks);

        // A school still comes in, and who is in may speak as long as before, or ordinarily, and no longer.
        for (var i = 0; i < 300; i++) Assert.Null(room.Says($"pupil{i}", SignallingLimits.OrdinaryPresenceOctets - 512, joins: true));
        Assert.Null(room.Says("long0", Long, joins: false));
        Assert.Null(room.Says("pupil1", 100, joins: false));
        Assert.Equal("policy-violation", room.Says("pupil2", Long, joins: false));
        Assert.InRange(room.OctetsOf("pupil2"), 1, SignallingLimits.OrdinaryPresenceOctets);

        // What a newcomer gets of them: the bound, ordinary ones beyond it, and what the room adds to each.
        var presences = room.NewcomerGets("newcomer");
        Assert.Equal(taken + 300 + 1, presences.Count);
        Assert.InRange(presences.Sum(), SignallingLimits.PresencesOfRoomOctets / 2, SignallingLimits.PresencesOfRoomOctets + (300 * SignallingLimits.OrdinaryPresenceOctets) + (presences.Count * 512));

        // Room is made by leaving, and by saying less.
        room.Leaves("long1");
        for (var i = 2; i < 50; i++) Assert.Null(room.Says($"long{i}", 100, joins: false));
        Assert.Null(room.Says("late", Long, joins: true));
        Assert.Null(room.Says("pupil2", Long, joins: false));
    }

    [Fact]
    public void The_presences_of_a_room_are_bounded_under_its_next_owner_too()
    {
        var room = new FullRoom();
        var taken = 0;
        while (room.Says($"long{taken}", SignallingLimits.PresenceOctets - 512, joins: true) is null) taken++;
        room.Moves();
        Assert.Equal(taken + 1, room.Nicks.Count);
        Assert.Equal("policy-violation", room.Says("late", SignallingLimits.PresenceOctets - 512, joins: true));
        Assert.Null(room.Says("late", 100, joins: true));
    }

    [Theory]
    [InlineData("tag", true)]
    [InlineData(null, false)]
    public void Sessions_of_one_address_share_a_budget_in_a_room(string? tag, bool shared)
    {
        var world = new World();
        var bob = Enters(world, "bobs");
        var flood = Enumerable.Range(0, 8).Select(_ => Enters(world, tag)).ToArray();
        var other = Enters(world, "elsewhere");
        var before = bob.Frames.Count;
        const int Each = 60_000;
        for (var i = 0; i < 40; i++)
        {
            foreach (var one in flood) world.Brings(one, $"<message type='chat' id='f' to='{Call}/{bob.Nick}'><body>{new string('x', Each)}</body></message>");
        }

        var octets = bob.Frames.Skip(before).Sum(frame => (long)Encoding.UTF8.GetByteCount(frame));
        if (shared) Assert.InRange(octets, SignallingLimits.AddressReceiverOctetsBurst - Each, SignallingLimits.AddressReceiverOctetsBurst + (2 * Each));
        else Assert.InRange(octets, (flood.Length - 1L) * SignallingLimits.ReceiverOctetsBurst, long.MaxValue);

        // Another address pays for itself, and so does the same one in another room.
        bob.Forgets();
        world.Brings(other, $"<message type='chat' id='o' to='{Call}/{bob.Nick}'><body>x</body></message>");
        bob.Receives($"<message id='o' from='{Call}/{other.Nick}'/>");
        if (!shared) return;
        var (second, listener) = (Enters(world, tag, "second@muc.meet.jitsi"), Enters(world, "bobs", "second@muc.meet.jitsi"));
        world.Brings(second, $"<message type='chat' id='s' to='second@muc.meet.jitsi/{listener.Nick}'><body>x</body></message>");
        listener.Eventually("<message id='s'/>");

        // One who is new behind the address owes with it, may leave, and speaks when the debt is paid.
        var late = Enters(world, tag);
        Assert.Equal("resource-constraint", StanzaError.Read(late.Inbox[^1]).Condition);
        flood[0].Forgets();
        world.Brings(flood[0], $"<message type='groupchat' id='g' to='{Call}'><body>x</body></message>");
        flood[0].Receives("<message type='error' id='g'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        world.Brings(flood[1], $"<presence type='unavailable' to='{Call}/{flood[1].Nick}'/>");
        bob.Eventually($"<presence type='unavailable' from='{Call}/{flood[1].Nick}'/>");
        world.Passes(TimeSpan.FromSeconds(2));
        world.Brings(flood[0], $"<message type='groupchat' id='h' to='{Call}'><body>x</body></message>");
        bob.Eventually($"<message id='h' from='{Call}/{flood[0].Nick}'/>");
    }

    [Fact]
    public void In_a_crowd_one_address_makes_a_room_put_out_no_more_than_its_budget()
    {
        var world = new World();
        for (var i = 0; i < 60; i++) Enters(world, $"crowd{i}");
        var flood = Enumerable.Range(0, 10).Select(_ => Enters(world, "tag")).ToArray();
        var all = 0L;
        world.PutOut = outputs => all += outputs.Deliveries.Sum(delivery => (long)(delivery.Frame.Head.Length + (delivery.Frame.Tail?.Length ?? 0)) * delivery.To.Count);
        const int Each = 20_000;
        for (var i = 0; i < 20; i++)
        {
            // Below the budget for each receiver: all of them together are too much.
            foreach (var one in flood) world.Brings(one, $"<message type='groupchat' to='{Call}'><body>{new string('x', Each)}</body></message>");
        }

        Assert.InRange(all, SignallingLimits.AddressRelayedOctetsBurst / 2, SignallingLimits.AddressRelayedOctetsBurst + (2 * Each * 72));
    }

    [Fact]
    public void What_the_sessions_of_one_address_send_comes_out_of_one_budget_and_each_waits_for_its_share()
    {
        var octets = new AddressOctets(new SignallingOptions());
        var now = MonotonicTime.Zero;
        const int Frame = 64 * 1024;
        // A hundred sessions that each stay within their own burst.
        var sent = 0;
        while (octets.Take("2001:db8::1", Frame, now) == TimeSpan.Zero) sent += Frame;
        Assert.InRange(sent, SignallingLimits.AddressOctetBurst - Frame, SignallingLimits.AddressOctetBurst);
        for (var i = 0; i < 320; i++) octets.Take("2001:db8::1", Frame, now);

        // Ten seconds are owed. Who pings hardly waits, who floods waits for 32 times what its frame takes.
        var ping = octets.Take("2001:db8::1", 100, now);
        Assert.InRange(ping, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(5));
        Assert.InRange(octets.Take("2001:db8::1", Frame, now), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.1));
        Assert.Equal(TimeSpan.Zero, octets.Take("2001:db8::2", Frame, now));
        Assert.Equal(TimeSpan.Zero, octets.Take("", 1 << 30, now));

        // Those who wait so long send no more than the rate of the address together, however many they are.
        var through = 0L;
        var ready = new MonotonicTime[64];
        for (var at = now; at < now + TimeSpan.FromSeconds(30); at += TimeSpan.FromMilliseconds(10))
        {
            for (var i = 0; i < ready.Length; i++)
            {
                if (ready[i] > at) continue;
                through += Frame;
                ready[i] = at + octets.Take("2001:db8::1", Frame, at);
            }
        }

        Assert.InRange(through, 20L * SignallingLimits.AddressOctetsPerSecond, (64L * Frame * 32) + (30L * SignallingLimits.AddressOctetsPerSecond));
        var later = now + TimeSpan.FromMinutes(10);
        Assert.Equal(TimeSpan.Zero, octets.Take("2001:db8::1", Frame, later));
    }

    private static Client Enters(World world, string? tag, string room = Call)
    {
        var client = world.Connects(Jid.Parse(room).Local, address: tag);
        world.Focus.Enters(room);
        client.Joins(room);
        return client;
    }

    /// <summary>A room without sockets: the inputs of many sessions, and what each got.</summary>
    private sealed class FullRoom
    {
        private readonly World _world = new();
        private readonly Dictionary<string, byte[]> _document = new(StringComparer.Ordinal);
        private readonly RoomOutputs _outputs = new();
        private RoomPartition _partition;

        public FullRoom()
        {
            _partition = Create();
            Handle($"<presence xmlns='jabber:client' to='{Call}/focus'>{Join}</presence>", SessionInfo.Of(Jid.Parse("focus@auth.meet.jitsi/focus"), "focus.0") with { IsService = true });
        }

        public IReadOnlyCollection<string> Nicks => [.. _document.Keys.Where(key => key.StartsWith("occupant:", StringComparison.Ordinal)).Select(key => key["occupant:".Length..])];

        /// <summary>Sends a presence of so many octets; the condition of the error that comes back, if one does.</summary>
        public string? Says(string nick, int octets, bool joins)
        {
            Handle($"<presence xmlns='jabber:client' to='{Call}/{nick}'>{(joins ? Join : "")}<p xmlns='urn:p'>{new string('x', octets)}</p></presence>", Session(nick));
            var own = _outputs.Deliveries.Where(delivery => delivery.To.Any(to => to.FullJid == $"{nick}@meet.jitsi/r")).ToArray();
            return own is [var only] && XmppParser.Parse(only.Frame.ToText("")) is var answer && answer["type"] == "error" ? StanzaError.Read(answer).Condition : null;
        }

        public void Leaves(string nick) => Handle($"<presence xmlns='jabber:client' type='unavailable' to='{Call}/{nick}'/>", Session(nick));

        public int OctetsOf(string nick) => _document["occupant:" + nick].Length;

        /// <summary>Octets of each presence of another that a newcomer gets.</summary>
        public List<int> NewcomerGets(string nick)
        {
            Says(nick, 10, joins: true);
            return [.. _outputs.Deliveries.Where(delivery => delivery.To is [var to] && to.FullJid == $"{nick}@meet.jitsi/r").Select(delivery => delivery.Frame.ToText(""))
                .Where(text => text.StartsWith("<presence", StringComparison.Ordinal) && !text.Contains("code=\"110\"", StringComparison.Ordinal)).Select(text => Encoding.UTF8.GetByteCount(text))];
        }

        /// <summary>Another owner goes on from the room's document.</summary>
        public void Moves()
        {
            _partition = Create();
            _partition.Restore(Room.KeyPrefix(_partition.Context.Partition) + Call, new Contracts.Store.StoredDocument(1, _document));
        }

        private RoomPartition Create() => _world.Features.CreatePartition(Contracts.Partitions.Of(Call), new SeededRandomSource(1));

        private static SessionInfo Session(string nick) => SessionInfo.Of(Jid.Parse($"{nick}@meet.jitsi/r"), "signalling.node.0");

        private void Handle(string stanza, SessionInfo session)
        {
            _outputs.Clear();
            _partition.Handle(new RoomInput(Call, XmppParser.Parse(stanza), session), Now, _outputs);
            Assert.Empty(_outputs.Failures);
            foreach (var (field, value) in _outputs.Changes.Values.SelectMany(change => change.Fields))
            {
                if (value is null) _document.Remove(field);
                else _document[field] = value;
            }
        }
    }
}
