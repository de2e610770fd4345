using System.Globalization;
using System.Text;
using JitsiMesh.Signalling.Modules.SpeakerStats;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>
/// Each bound of a room filled by Mallory, a moderator here, beside a meeting of three: the three lose nothing, a newcomer comes in and gets no more than what
/// is named, and what is stored stays small.
/// </summary>
public sealed class RoomLimitTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Lobby = "call@lobby.meet.jitsi";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    private readonly World _world = new();
    private readonly Client[] _three;
    private readonly Client _mallory;
    private int _next;

    public RoomLimitTests()
    {
        _three = [_world.Enters(), _world.Enters(), _world.Enters()];
        _mallory = _world.Enters();
        _world.Focus.MakesOwner(Call, _three[0].BareJid);
        _world.Focus.MakesOwner(Call, _mallory.BareJid);
        Forget();
    }

    [Fact]
    public void Affiliations() => Fills(
        () => Says($"<iq type='set' id='f' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'>{string.Concat(Enumerable.Range(0, 16).Select(i => $"<item affiliation='outcast' jid='u{_next++}@meet.jitsi'/>"))}</query></iq>"),
        "resource-constraint", 200, () => Admin("outcast", Jids(16)), document => Assert.InRange(document.Length, 1, 200_000));

    [Fact]
    public void Affiliations_of_members_who_are_away_make_room_for_others()
    {
        for (var i = 0; i < 200; i++) Admin("member", Jids(16));
        Admin("outcast", Jids(1));
        Assert.Equal("result", Last()["type"]);
        Assert.Equal("owner", _world.Room(Call).AffiliationOf(_three[0].Session.Info));
        StillWorks();
    }

    [Fact]
    public void Items_of_one_request()
    {
        Admin("member", Jids(SignallingLimits.AdminItems));
        Assert.Equal("result", Last()["type"]);
        Admin("member", Jids(SignallingLimits.AdminItems + 1));
        Assert.Equal("bad-request", StanzaError.Read(Last()).Condition);
        Admin("member", [new string('x', SignallingLimits.AffiliationJidLength) + "@meet.jitsi"]);
        Assert.Equal("bad-request", StanzaError.Read(Last()).Condition);
        StillWorks();
    }

    [Fact]
    public void Memberships_of_a_whole_room_are_one_request_and_not_everybodys_presence_to_everybody()
    {
        var crowd = Enumerable.Range(0, 60).Select(_ => _world.Enters(extra: $"<x-long xmlns='urn:x'>{new string('x', 2_000)}</x-long>")).ToArray();
        Forget();
        foreach (var one in crowd) one.Forgets();
        var writes = 0;
        _world.PutOut = outputs => writes += outputs.Changes.Values.Sum(change => change.Fields.Count(field => field.Key == "affiliations"));
        Admin("member", [.. crowd.Select(one => one.BareJid)]);
        Assert.Equal("result", Last()["type"]);
        Assert.Equal(1, writes);
        Assert.All(crowd, one => Assert.Equal("member", _world.Room(Call).AffiliationOf(one.Session.Info)));
        Assert.All(crowd, one => Assert.Equal($"{Call}/{one.Nick}", Assert.Single(one.Inbox)["from"]));
        Assert.All(_three, one => one.ReceivesNothing());
        StillWorks();
    }

    [Fact]
    public void Metadata_octets() => Fills(() => Metadata($"k{_next++}", $"\"{new string('x', 1_000)}\""), "not-acceptable", 40, null, document => Assert.InRange(document.Length, 1, 60_000));

    [Fact]
    public void Metadata_that_grows_when_it_is_escaped() => Fills(() => Metadata($"k{_next++}", $"\"{string.Concat(Enumerable.Repeat("\\u0026", 600))}\""), "not-acceptable", 40);

    [Fact]
    public void Metadata_keys() => Fills(() => Metadata($"k{_next++}", "1"), "not-acceptable", SignallingLimits.MetadataKeys + 5);

    [Fact]
    public void Polls() => Fills(() => Poll($"p{_next++}", "Q", "A"), "not-allowed", SignallingLimits.Polls + 5);

    [Fact]
    public void Octets_of_polls_and_votes()
    {
        Names(_mallory, string.Concat(Enumerable.Repeat("\u0001f<&", 2_000)).Replace('\u0001', 'é'));
        for (var i = 0; i < SignallingLimits.Polls / 2; i++) Poll($"p{i}", new string('q', 300), [.. Enumerable.Repeat("a", SignallingLimits.PollAnswers)]);
        Fills(
            () =>
            {
                // One after the other votes for everything, each under a new nick and a long name.
                var voter = _world.Enters();
                Names(voter, new string('é', 1_000));
                for (var i = 0; i < SignallingLimits.Polls / 2; i++) _world.Brings(voter, $"<message id='v' type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"polls\",\"command\":\"answer-poll\",\"pollId\":\"p{i}\",\"answers\":[{string.Join(',', Enumerable.Repeat("true", SignallingLimits.PollAnswers))}]}}</json-message></message>");
                var refused = voter.Inbox.LastOrDefault(stanza => stanza["type"] == "error");
                voter.Sends($"<presence type='unavailable' to='{Call}/{voter.Nick}'/>");
                return refused;
            },
            "resource-constraint", 5);
    }

    [Theory]
    [InlineData("answers", 33, 1, 1)]
    [InlineData("id", 1, 200, 1)]
    [InlineData("octets", 1, 1, 2_000)]
    public void One_poll(string what, int answers, int id, int question)
    {
        Assert.NotEmpty(what);
        Poll(new string('p', id), new string('q', question), [.. Enumerable.Repeat("a", answers)]);
        Assert.Equal("bad-request", StanzaError.Read(Last()).Condition);
        StillWorks();
    }

    [Fact]
    public void Speaker_statistics()
    {
        Names(_mallory, new string('é', 5_000));
        foreach (var odd in (string[])[new string('x', 100_000), "", "Happy", "constructor"])
        {
            Says($"<message id='f' to='speakerstats.meet.jitsi'><faceLandmarks xmlns='http://jitsi.org/jitmeet' room='{Call}' faceExpression='{odd}' duration='1' timestamp='1'/></message>");
            Assert.Equal("bad-request", StanzaError.Read(Last()).Condition);
        }

        for (var i = 0; i < 2 * SignallingLimits.FaceLandmarks; i++) Says($"<message to='speakerstats.meet.jitsi'><faceLandmarks xmlns='http://jitsi.org/jitmeet' room='{Call}' faceExpression='happy' duration='1e14' timestamp='1e14'/></message>");
        Names(_three[1], new string('n', 5_000));
        _world.Brings(_three[1], $"<message to='speakerstats.meet.jitsi'><speakerstats xmlns='http://jitsi.org/jitmeet' room='{Call}' silence='false'/></message>");
        _world.Passes(TimeSpan.FromSeconds(5));
        // Many people with long names come, show faces and leave.
        for (var person = 0; person < 42; person++)
        {
            var one = _world.Enters();
            Names(one, new string('é', 1_000));
            for (var i = 0; i < 50; i++) _world.Brings(one, $"<message to='speakerstats.meet.jitsi'><faceLandmarks xmlns='http://jitsi.org/jitmeet' room='{Call}' faceExpression='sad' duration='1' timestamp='1'/></message>");
            one.Sends($"<presence type='unavailable' to='{Call}/{one.Nick}'/>");
        }

        var state = _world.Room(Call).Module<SpeakerStatsModule>()!.Save()!;
        Assert.InRange(state.Length, 1, 400_000);
        var users = System.Text.Json.JsonDocument.Parse(StillWorks().Eventually("<message from='speakerstats.meet.jitsi'/>").Child("json-message")!.Text).RootElement.GetProperty("users");
        Assert.Equal(SignallingLimits.FaceLandmarks, users.GetProperty(_mallory.Nick).GetProperty("faceLandmarks").GetArrayLength());
        Assert.Equal(SignallingLimits.DisplayNameLength, users.GetProperty(_three[1].Nick).GetProperty("displayName").GetString()!.Length);
        Assert.InRange(users.GetProperty(_three[1].Nick).GetProperty("totalDominantSpeakerTime").GetInt64(), 5_000, 600_000);
        Assert.InRange(users.EnumerateObject().Sum(user => user.Value.GetProperty("faceLandmarks").GetArrayLength()), 1, SignallingLimits.FaceLandmarksOfRoom);
    }

    [Fact]
    public void Speakers_of_a_room_are_bounded_and_those_who_spoke_stay()
    {
        _world.Brings(_three[1], $"<message to='speakerstats.meet.jitsi'><speakerstats xmlns='http://jitsi.org/jitmeet' room='{Call}' silence='false'/></message>");
        _world.Passes(TimeSpan.FromSeconds(3));
        _world.Brings(_three[2], $"<message to='speakerstats.meet.jitsi'><speakerstats xmlns='http://jitsi.org/jitmeet' room='{Call}' silence='true'/></message>");
        var room = _world.Room(Call);
        var module = room.Module<SpeakerStatsModule>()!;
        for (var i = 0; i < SignallingLimits.SpeakersOfRoom + 100; i++)
        {
            var session = Sessions.SessionInfo.Of(Jid.Parse($"u{i}@meet.jitsi/r"), "signalling.node.0");
            module.Left(new Occupant($"guest{i}", session) { Presence = new XmppElement("presence", Namespaces.Client).Add(new XmppElement("nick", Namespaces.Nick).AddText(new string('é', 1_000))) }, _world.Now, new RoomOutputs());
        }

        Assert.Equal(SignallingLimits.SpeakersOfRoom, System.Text.Json.JsonDocument.Parse(module.Save()!).RootElement.GetProperty("Speakers").EnumerateObject().Count());
        var users = System.Text.Json.JsonDocument.Parse(StillWorks().Eventually("<message from='speakerstats.meet.jitsi'/>").Child("json-message")!.Text).RootElement.GetProperty("users");
        Assert.Equal(3_000, users.GetProperty(_three[1].Nick).GetProperty("totalDominantSpeakerTime").GetInt64());
    }

    [Fact]
    public void History_by_octets()
    {
        for (var i = 0; i < 30; i++) Says($"<message type='groupchat' id='h{i}' to='{Call}'><body>{new string('é', 7_000)}</body></message>");
        var late = StillWorks();
        var kept = late.Inbox.Where(stanza => stanza.Child("delay") is not null).ToList();
        Assert.InRange(kept.Sum(stanza => Encoding.UTF8.GetByteCount(stanza.ToString())), 1, SignallingLimits.HistoryOctets + 2_000);
        Assert.Contains(kept, stanza => stanza["id"] == "h29");
    }

    [Fact]
    public void Authors_of_messages()
    {
        for (var i = 0; i < 2 * SignallingLimits.KnownAuthors; i++)
        {
            Says($"<message type='groupchat' id='a{i}' to='{Call}'><body>x</body></message>");
            if (i % 20 == 0) _world.Passes(TimeSpan.FromSeconds(1));
        }

        Says($"<message type='groupchat' id='old' to='{Call}'><retract xmlns='urn:xmpp:message-retract:1' id='a0'/></message>");
        Assert.Equal("item-not-found", StanzaError.Read(Last()).Condition);
        Says($"<message type='groupchat' id='new' to='{Call}'><retract xmlns='urn:xmpp:message-retract:1' id='a{(2 * SignallingLimits.KnownAuthors) - 1}'/></message>");
        Assert.Equal("groupchat", Last()["type"]);
        Says($"<message type='groupchat' id='{new string('i', SignallingLimits.MessageIdLength + 1)}' to='{Call}'><body>x</body></message>");
        Says($"<message type='groupchat' id='long' to='{Call}'><retract xmlns='urn:xmpp:message-retract:1' id='{new string('i', SignallingLimits.MessageIdLength + 1)}'/></message>");
        Assert.Equal("item-not-found", StanzaError.Read(Last()).Condition);
        StillWorks();
    }

    [Fact]
    public void Presence_of_one()
    {
        Says($"<presence to='{Call}/{_mallory.Nick}'><p xmlns='urn:x'>{new string('x', SignallingLimits.PresenceOctets)}</p></presence>");
        Assert.Equal("policy-violation", StanzaError.Read(Last()).Condition);
        foreach (var one in _three) one.ReceivesNothing();
        var big = _world.Connects();
        big.Joins(Call, extra: $"<p xmlns='urn:x'>{new string('x', SignallingLimits.PresenceOctets)}</p>");
        big.Receives("<presence type='error'/>");
        StillWorks();
    }

    [Fact]
    public void Subject_password_and_configuration()
    {
        Says($"<message type='groupchat' id='s' to='{Call}'><subject>{new string('s', SignallingLimits.SubjectLength + 1)}</subject></message>");
        Assert.Equal("not-acceptable", StanzaError.Read(Last()).Condition);
        foreach (var fields in (string[])[
            $"<field var='muc#roomconfig_roomsecret'><value>{new string('p', SignallingLimits.RoomPasswordLength + 1)}</value></field>",
            $"<field var='muc#roomconfig_roomdesc'><value>{new string('d', SignallingLimits.RoomDescriptionLength + 1)}</value></field>",
            string.Concat(Enumerable.Range(0, SignallingLimits.ConfigurationFields + 1).Select(i => $"<field var='f{i}'><value>v</value></field>"))])
        {
            Says($"<iq type='set' id='c' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query></iq>");
            Assert.Equal("not-acceptable", StanzaError.Read(Last()).Condition);
        }

        foreach (var one in _three) one.ReceivesNothing();
        StillWorks();
    }

    [Fact]
    public void Reasons_are_cut()
    {
        Says($"<iq type='set' id='k' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{_three[2].Nick}' role='none'><reason>{new string('r', 50_000)}</reason></item></query></iq>");
        var told = _three[1].Receives($"<presence type='unavailable' from='{Call}/{_three[2].Nick}'/>");
        Assert.InRange(told.ToString().Length, 1, 2_000);
    }

    [Fact]
    public void Knocks_at_a_lobby_by_all_and_by_one_address()
    {
        _world.Brings(_three[0], $"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
        Client Knocks(string? address)
        {
            var client = _world.Connects(address: address);
            client.Joins(Lobby, extra: "<nick xmlns='http://jabber.org/protocol/nick'>Kim</nick>");
            return client;
        }

        for (var i = 0; i < SignallingLimits.KnocksOfAddress; i++) Assert.NotEqual("error", Knocks("a1").Inbox[^1]["type"]);
        Knocks("a1").Receives("<presence type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        for (var i = SignallingLimits.KnocksOfAddress; i < SignallingLimits.KnocksOfLobby; i++) Assert.NotEqual("error", Knocks($"b{i}").Inbox[^1]["type"]);
        Knocks("c1").Receives("<presence type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        // A moderator still gets in.
        _world.Brings(_three[0], $"<presence to='{Lobby}/{_three[0].Nick}'><x xmlns='http://jabber.org/protocol/muc'/><nick xmlns='http://jabber.org/protocol/nick'>Ann</nick></presence>");
        Assert.NotNull(_world.Room(Lobby).ByNick(_three[0].Nick));
        _world.RoomsMove();
        Knocks("c1").Receives("<presence type='error'/>");
        Forget();
        // All of them are let in, and told so, by one message.
        var waiting = _world.Room(Lobby).Occupants.Where(occupant => occupant.Nick != _three[0].Nick).ToList();
        _world.Brings(_three[0], $"<message to='{Call}' id='all'><x xmlns='http://jabber.org/protocol/muc#user'>{string.Concat(waiting.Select(one => $"<invite to='{one.Session.FullJid}'/>"))}</x></message>");
        Assert.All(waiting, one => Assert.Equal("member", _world.Room(Call).AffiliationOf(one.Session)));
        _world.Brings(_three[0], $"<message to='{Call}' id='more'><x xmlns='http://jabber.org/protocol/muc#user'>{string.Concat(Enumerable.Range(0, SignallingLimits.Invitations + 1).Select(i => $"<invite to='s{i}@meet.jitsi/r'/>"))}</x></message>");
        _three[0].Eventually("<message type='error' id='more'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Fact]
    public void Joins_that_wait_for_focus()
    {
        const string Held = "held@muc.meet.jitsi";
        var world = new World();
        var room = new Room(world.Features.CreatePartition(0, new JitsiMesh.Primitives.SeededRandomSource(1)).Context, Jid.Parse(Held), "m");
        var outputs = new RoomOutputs();
        void Joins(int session, int octets)
        {
            var stanza = XmppParser.Parse($"<presence xmlns='jabber:client' from='u{session}@meet.jitsi/r' to='{Held}/nick{session}'><x xmlns='http://jabber.org/protocol/muc'/><p xmlns='urn:x'>{new string('x', octets)}</p></presence>");
            room.Handle(new RoomInput(Held, stanza, Sessions.SessionInfo.Of(Jid.Parse($"u{session}@meet.jitsi/r"), "q")), $"nick{session}", world.Now, outputs);
        }

        for (var i = 0; i < 100; i++) Joins(0, 30_000);
        Assert.Equal(1, room.HeldCount);
        for (var i = 1; i < 200; i++) Joins(i, 30_000);
        Assert.InRange(room.Held.Sum(held => StanzaSize.Of(held.Stanza)), 1, SignallingLimits.HeldJoinOctets);
        Assert.Equal(200 - room.HeldCount, outputs.Deliveries.Count);
        Joins(1, SignallingLimits.PresenceOctets);
        var small = new Room(room.Context, Jid.Parse(Held), "m");
        room = small;
        for (var i = 0; i < 2 * SignallingLimits.HeldJoins; i++) Joins(i, 1);
        Assert.Equal(SignallingLimits.HeldJoins, room.HeldCount);
    }

    [Fact]
    public void Conference_requests_under_way()
    {
        _world.Focus.Answers = false;
        var asked = 0;
        for (var i = 0; i < SignallingLimits.PendingRequests + 50; i++)
        {
            if (i % 200 == 0) _world.Passes(TimeSpan.FromMilliseconds(100));
            _world.Brings(_mallory, $"<iq type='set' id='r{i}' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}'/></iq>");
            asked++;
        }

        // The oldest are told to ask again, so that no more than so many wait.
        Assert.Equal(asked - SignallingLimits.PendingRequests, _mallory.Inbox.Count(stanza => stanza.Child("conference")?["ready"] == "false"));
        foreach (var (id, more) in ((string, string)[])[(new string('i', SignallingLimits.RequestIdLength + 1), ""), ("big", new string('x', SignallingLimits.FocusRequestOctets))])
        {
            _world.Brings(_mallory, $"<iq type='set' id='{id}' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}'><property name='n' value='{more}'/></conference></iq>");
            Assert.Equal("bad-request", StanzaError.Read(Last()).Condition);
        }

        StillWorks();
    }

    [Fact]
    public void The_list_of_who_may_unmute_holds_nobody_but_occupants()
    {
        Says("<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='audio'/></message>");
        for (var i = 0; i < 100; i++) Says($"<message id='w' to='avmoderation.meet.jitsi'><av_moderation jidToWhitelist='{Call}/ghost{i}' mediaType='audio'/></message>");
        Assert.Equal("item-not-found", StanzaError.Read(Last()).Condition);
        Says($"<message id='w' to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='{new string('m', 1_000)}'/></message>");
        Assert.Equal("bad-request", StanzaError.Read(Last()).Condition);
        for (var i = 0; i < 30; i++)
        {
            var one = _world.Enters();
            Says($"<message id='w' to='avmoderation.meet.jitsi'><av_moderation jidToWhitelist='{Call}/{one.Nick}' mediaType='audio'/></message>");
            one.Sends($"<presence type='unavailable' to='{Call}/{one.Nick}'/>");
        }

        Assert.InRange(_world.Room(Call).Module<Modules.AvModeration.AvModerationModule>()!.Save()!.Length, 1, 500);
        StillWorks();
    }

    [Fact]
    public void Sessions_whose_spending_is_remembered()
    {
        var remembered = new Remembered<SenderBudget>(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, SenderBudget.OfSession);
        var first = remembered.Of("s0", _world.Now.Now);
        for (var i = 1; i < 2 * SignallingLimits.RememberedSenders; i++)
        {
            remembered.Of($"s{i}", _world.Now.Now);
            if (i % 100 == 0) Assert.Same(first, remembered.Of("s0", _world.Now.Now));
        }

        Assert.Equal(SignallingLimits.RememberedSenders, remembered.Count);
        remembered.Of("new", _world.Now.Now + SignallingLimits.SenderMemory);
        Assert.Equal(1, remembered.Count);
    }

    /// <summary>Does the same again and again until it is refused as named, and then sees that nobody else lost anything.</summary>
    private void Fills(Func<XmppElement?> step, string refusal, int most, Action? more = null, Action<string>? stored = null)
    {
        string? condition = null;
        for (var i = 0; i < most && condition is null; i++)
        {
            _mallory.Forgets();
            if (step() is { } answer && answer["type"] == "error") condition = StanzaError.Read(answer).Condition;
            _world.Passes(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(refusal, condition);
        var before = _world.StoredState;
        more?.Invoke();
        Assert.Equal(before, _world.StoredState);
        stored?.Invoke(before);
        // The next owner reads all of it.
        _world.RoomsMove();
        StillWorks();
    }

    /// <summary>Each of the three is heard by each, and one more comes in, at a bounded cost.</summary>
    private Client StillWorks()
    {
        _world.Passes(TimeSpan.FromMinutes(2));
        foreach (var one in _three)
        {
            Forget();
            one.Sends($"<message type='groupchat' to='{Call}' id='w{_next}'><body>still here</body></message>");
            foreach (var each in _three) each.Receives($"<message from='{Call}/{one.Nick}' id='w{_next}'><body>still here</body></message>");
            _next++;
        }

        var late = _world.Connects();
        var before = late.Frames.Count;
        late.Joins(Call);
        Assert.Contains(late.Inbox, stanza => stanza.Name == "presence" && stanza["from"] == $"{Call}/{late.Nick}" && stanza["type"] is null);
        var others = late.Frames.Skip(before).Where(frame => frame.StartsWith("<presence", StringComparison.Ordinal)).ToList();
        Assert.All(others, frame => Assert.InRange(Encoding.UTF8.GetByteCount(frame), 1, 2 * SignallingLimits.PresenceOctets));
        Assert.InRange(late.Frames.Skip(before).Except(others).Sum(Encoding.UTF8.GetByteCount), 1, SignallingLimits.NewcomerOctets);
        foreach (var one in _three) Assert.True(one.SocketOpen);
        return late;
    }

    private XmppElement? Says(string stanza)
    {
        // Slowly, so that the sender does not get into debt.
        _world.Passes(TimeSpan.FromMilliseconds(50));
        _world.Brings(_mallory, stanza);
        return _mallory.Inbox is [.., var last] ? last : null;
    }

    private XmppElement Last() => _mallory.Inbox[^1];

    private XmppElement? Metadata(string key, string data) => Says($"<message id='f' to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='{Call}'>{{\"key\":\"{key}\",\"data\":{data}}}</room_metadata></message>");

    private XmppElement? Poll(string id, string question, params string[] answers) =>
        Says($"<message id='f' type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"{id}\",\"question\":\"{question}\",\"answers\":[{string.Join(',', answers.Select(answer => $"{{\"name\":\"{answer}\"}}"))}]}}</json-message></message>");

    private void Names(Client client, string name) =>
        _world.Brings(client, $"<presence to='{Call}/{client.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>{XmppSerializer.EscapeAttribute(name)}</nick></presence>");

    private string[] Jids(int count) => [.. Enumerable.Range(0, count).Select(_ => string.Create(Culture, $"u{_next++}@meet.jitsi"))];

    private void Admin(string affiliation, string[] jids) =>
        Says($"<iq type='set' id='f' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'>{string.Concat(jids.Select(jid => $"<item affiliation='{affiliation}' jid='{jid}'/>"))}</query></iq>");

    private void Forget()
    {
        foreach (var one in _three) one.Forgets();
        _mallory.Forgets();
    }
}
