using System.Text;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What one session may make the others get: octets times receivers, and octets to each.</summary>
public sealed class SenderBudgetTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Wait = "<error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

    private readonly World _world = new();
    private readonly Client _ann;
    private readonly Client _bob;
    private readonly Client _mallory;

    public SenderBudgetTests()
    {
        (_ann, _bob, _mallory) = (_world.Enters(), _world.Enters(), _world.Enters());
        _world.Focus.MakesOwner(Call, _ann.BareJid);
        _world.Focus.MakesOwner(Call, _mallory.BareJid);
        Forget();
    }

    public static TheoryData<string, string> Floods => new()
    {
        { "chat", $"<message type='groupchat' id='f' to='{Call}'><body>{new string('x', 20_000)}</body></message>" },
        { "private", $"<message type='chat' id='f' to='{Call}/BOB'><body>{new string('x', 200_000)}</body></message>" },
        { "iq", $"<iq type='set' id='f' to='{Call}/BOB'><x xmlns='urn:x'>{new string('x', 200_000)}</x></iq>" },
        { "answers", $"<iq type='result' id='f' to='{Call}/BOB'><x xmlns='urn:x'>{new string('x', 200_000)}</x></iq>" },
        { "presence", $"<presence to='{Call}/ME'><x xmlns='urn:x'>{new string('x', 30_000)}</x></presence>" },
        { "metadata", "<message id='f' to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='call@muc.meet.jitsi'>{\"key\":\"a\",\"data\":TURN}</room_metadata></message>" },
        { "start muted", $"<presence to='{Call}/ME'><startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='ODD' video='true'/></presence>" },
        { "moderation", "<message id='f' to='avmoderation.meet.jitsi'><av_moderation enable='ODD' mediaType='audio'/></message>" },
        { "affiliation", $"<iq type='set' id='f' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='SIDE' nick='BOB'/></query></iq>" },
        { "poll", $"<message id='f' type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"polls\",\"command\":\"answer-poll\",\"pollId\":\"p0\",\"answers\":[ODD]}}</json-message></message>" },
        { "subject", $"<message type='groupchat' id='f' to='{Call}'><subject>{new string('s', 1_000)}TURN</subject></message>" },
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public void No_flood_makes_another_get_more_than_its_rate(string kind, string stanza)
    {
        Assert.NotEmpty(kind);
        // A long presence of Bob's and much metadata: what a small command makes the room say again.
        _world.Brings(_bob, $"<presence to='{Call}/{_bob.Nick}'><x xmlns='urn:x'>{new string('b', 30_000)}</x></presence>");
        _world.Brings(_ann, $"<message to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='{Call}'>{{\"key\":\"big\",\"data\":\"{new string('m', 15_000)}\"}}</room_metadata></message>");
        _world.Brings(_ann, "<message type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p0\",\"question\":\"Q\",\"answers\":[{\"name\":\"A\"}]}</json-message></message>");
        var written = 0L;
        _world.PutOut = outputs => written += outputs.Changes.Values.Sum(change => change.Fields.Values.Sum(value => (long)(value?.Length ?? 0)));
        var before = _bob.Frames.Count;
        const int Seconds = 20;
        for (var i = 0; i < Seconds * SignallingLimits.StanzasPerSecond; i++)
        {
            _world.Brings(_mallory, stanza.Replace("BOB", _bob.Nick, StringComparison.Ordinal).Replace("ME", _mallory.Nick, StringComparison.Ordinal).Replace("TURN", $"{i}", StringComparison.Ordinal)
                .Replace("ODD", i % 2 == 1 ? "true" : "false", StringComparison.Ordinal).Replace("SIDE", i % 2 == 1 ? "member" : "none", StringComparison.Ordinal));
            _world.Passes(TimeSpan.FromSeconds(1.0 / SignallingLimits.StanzasPerSecond));
            if (i % 50 == 0) Forget();
        }

        var octets = _bob.Frames.Skip(before).Sum(frame => (long)Encoding.UTF8.GetByteCount(frame));
        // The last stanza is paid for afterwards; bare answers and errors are small.
        Assert.InRange(octets, 1, SignallingLimits.ReceiverOctetsBurst + (Seconds * SignallingLimits.ReceiverOctetsPerSecond) + 250_000 + (Seconds * SignallingLimits.StanzasPerSecond * 400));
        Assert.InRange(written, 0, SignallingLimits.RelayedOctetsBurst + (Seconds * SignallingLimits.RelayedOctetsPerSecond) + 250_000);
        StillTalk();
    }

    [Fact]
    public void A_crowd_multiplies_what_is_paid()
    {
        var crowd = Enumerable.Range(0, 80).Select(_ => _world.Enters()).ToArray();
        var all = 0L;
        _world.PutOut = outputs => all += outputs.Deliveries.Sum(delivery => (long)(delivery.Frame.Head.Length + (delivery.Frame.Tail?.Length ?? 0)) * delivery.To.Count);
        const int Each = 9_000;
        var sent = 0;
        for (; sent < 200; sent++)
        {
            // Below the rate of each receiver: together they are too many.
            _mallory.Forgets();
            _world.Brings(_mallory, $"<message type='groupchat' id='c' to='{Call}'><body>{new string('x', Each)}</body></message>");
            if (_mallory.Inbox is [{ } only] && only["type"] == "error") break;
            _world.Passes(TimeSpan.FromMilliseconds(150));
        }

        Assert.InRange(sent, 40, 199);
        Assert.InRange(all, SignallingLimits.RelayedOctetsBurst / 2, SignallingLimits.RelayedOctetsBurst + (sent * 0.15 * SignallingLimits.RelayedOctetsPerSecond) + (2 * Each * 85));
        Assert.All(crowd, one => Assert.True(one.SocketOpen));
        StillTalk();
    }

    [Fact]
    public void Whoever_owes_may_leave_keep_order_and_answer_without_words_and_its_presence_waits()
    {
        GetsIntoDebt();
        _world.Brings(_mallory, $"<message type='groupchat' id='m' to='{Call}'><body>x</body></message>");
        _mallory.Receives($"<message type='error' id='m'>{Wait}</message>");
        _world.Brings(_mallory, $"<iq type='set' id='i' to='{Call}/{_bob.Nick}'><x xmlns='urn:x'/></iq>");
        _mallory.Receives($"<iq type='error' id='i'>{Wait}</iq>");
        _world.Brings(_mallory, "<message id='p' type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{}</json-message></message>");
        _mallory.Receives($"<message type='error' id='p'>{Wait}</message>");
        _ann.ReceivesNothing();
        _bob.ReceivesNothing();

        _world.Brings(_mallory, $"<iq type='result' id='bare' to='{Call}/{_bob.Nick}'/>");
        _bob.Receives($"<iq type='result' id='bare' from='{Call}/{_mallory.Nick}'/>");
        _world.Brings(_mallory, $"<iq type='result' id='long' to='{Call}/{_bob.Nick}'><x xmlns='urn:x'>x</x></iq>");
        _bob.Receives($"<iq type='error' id='long' from='{Call}/{_mallory.Nick}' missing='x'>{Wait}</iq>");
        _world.Focus.Forgets();
        _world.Brings(_mallory, $"<iq type='set' id='mute' to='{Call}/focus'><mute xmlns='http://jitsi.org/jitmeet/audio' jid='{Call}/{_bob.Nick}'>true</mute></iq>");
        _world.Focus.Receives("<iq type='set' id='mute'/>");
        _world.Brings(_mallory, $"<iq type='set' id='k' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{_bob.Nick}' role='none'/></query></iq>");
        _bob.Receives($"<presence type='unavailable' from='{Call}/{_bob.Nick}'/>");
        _ann.Receives($"<presence type='unavailable' from='{Call}/{_bob.Nick}'/>");
        Assert.Equal("result", _mallory.Eventually("<iq id='k'/>")["type"]);
        _world.Brings(_mallory, $"<iq type='set' id='g' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item jid='{_ann.BareJid}' affiliation='none'/></query></iq>");
        _mallory.Receives($"<iq type='error' id='g'>{Wait}</iq>");

        // Of several presences the last is seen, once the debt is paid.
        for (var i = 0; i < 5; i++) _world.Brings(_mallory, $"<presence to='{Call}/{_mallory.Nick}'><turn>{i}</turn></presence>");
        _ann.ReceivesNothing();
        _mallory.ReceivesNothing();
        var due = _world.Deadline(Call);
        Assert.True(due > _world.Now.Now && due < _world.Now.Now + TimeSpan.FromMinutes(1));
        _world.Passes(due - _world.Now.Now);
        _ann.Receives($"<presence from='{Call}/{_mallory.Nick}'><turn>4</turn></presence>");
        _ann.ReceivesNothing();

        Forget();
        GetsIntoDebt();
        _world.Brings(_mallory, $"<presence to='{Call}/{_mallory.Nick}'><turn>5</turn></presence>");
        _world.Brings(_mallory, $"<presence type='unavailable' to='{Call}/{_mallory.Nick}'/>");
        _ann.Receives($"<presence type='unavailable' from='{Call}/{_mallory.Nick}'/>");
        _world.Passes(TimeSpan.FromMinutes(1));
        _ann.ReceivesNothing();
        // Leaving and coming back pays nothing off.
        GetsBackIn();
    }

    [Fact]
    public void A_moderator_in_debt_ends_the_meeting_all_the_same()
    {
        GetsIntoDebt();
        _world.Brings(_mallory, "<message to='endconference.meet.jitsi'><end_conference/></message>");
        _bob.Receives("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x></presence>");
    }

    [Theory]
    [InlineData("<message type='groupchat' id='b' to='call@muc.meet.jitsi'><body>&lt;&amp;&gt;</body></message>")]
    [InlineData("<message type='groupchat' to='call@muc.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{}</json-message></message>")]
    [InlineData("<message type='chat' to='call@muc.meet.jitsi/BOB'><body>x</body></message>")]
    [InlineData("<message type='groupchat' to='call@muc.meet.jitsi'><subject>x</subject></message>")]
    [InlineData("<presence to='call@muc.meet.jitsi/ME'><x/></presence>")]
    [InlineData("<presence to='call@muc.meet.jitsi/ME'><x xmlns='http://jabber.org/protocol/muc'/></presence>")]
    [InlineData("<presence type='unavailable' to='call@muc.meet.jitsi/ME'/>")]
    [InlineData("<iq type='get' id='d' to='call@muc.meet.jitsi/BOB'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")]
    [InlineData("<iq type='set' id='k' to='call@muc.meet.jitsi'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='BOB' role='none'/></query></iq>")]
    [InlineData("<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='audio'/></message>")]
    [InlineData("<message to='speakerstats.meet.jitsi'><speakerstats xmlns='http://jitsi.org/jitmeet' room='call@muc.meet.jitsi' silence='false'/></message>")]
    [InlineData("<message to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='call@muc.meet.jitsi'>{\"key\":\"k\",\"data\":{}}</room_metadata></message>")]
    [InlineData("<message type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p0\",\"question\":\"Q\",\"answers\":[{\"name\":\"A\"}]}</json-message></message>")]
    [InlineData("<iq type='set' id='l' to='call@muc.meet.jitsi'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>")]
    [InlineData("<message to='endconference.meet.jitsi'><end_conference/></message>")]
    public void One_stanza_makes_one_receiver_get_no_more_than_twice_of_it_and_some(string stanza)
    {
        var text = stanza.Replace("BOB", _bob.Nick, StringComparison.Ordinal).Replace("ME", _mallory.Nick, StringComparison.Ordinal);
        var before = _bob.Frames.Count;
        _world.Brings(_mallory, text);
        Assert.InRange(_bob.Frames.Skip(before).Sum(Encoding.UTF8.GetByteCount), 0, (2 * text.Length) + 4_096);
    }

    private void GetsIntoDebt()
    {
        for (var i = 0; i < 200; i++)
        {
            _mallory.Forgets();
            _world.Brings(_mallory, $"<message type='groupchat' id='d' to='{Call}'><body>{new string('x', 20_000)}</body></message>");
            if (StanzaErrorOf(_mallory) == "resource-constraint") break;
        }

        Assert.Equal("resource-constraint", StanzaErrorOf(_mallory));
        Forget();
    }

    private void GetsBackIn()
    {
        _world.Brings(_mallory, $"<presence to='{Call}/{_mallory.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        Forget();
        GetsIntoDebt();
        _world.Brings(_mallory, $"<presence type='unavailable' to='{Call}/{_mallory.Nick}'/>");
        Forget();
        _world.Brings(_mallory, $"<presence to='{Call}/{_mallory.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        _mallory.Receives($"<presence type='error' from='{Call}/{_mallory.Nick}'>{Wait}</presence>");
        _ann.ReceivesNothing();
    }

    private void StillTalk()
    {
        Forget();
        _ann.Sends($"<message type='groupchat' id='t' to='{Call}'><body>hello</body></message>");
        _bob.Receives($"<message from='{Call}/{_ann.Nick}' id='t'><body>hello</body></message>");
        Assert.True(_bob.SocketOpen);
    }

    private static string? StanzaErrorOf(Client client) => client.Inbox is [.., var last] && last["type"] == "error" ? StanzaError.Read(last).Condition : null;

    private void Forget()
    {
        foreach (var one in (Client[])[_ann, _bob, _mallory]) one.Forgets();
    }
}
