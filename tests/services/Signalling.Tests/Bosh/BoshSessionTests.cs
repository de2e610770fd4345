using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Bosh;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Bosh;

/// <summary>The order of requests and answers (XEP-0124 sections 9, 14, 15), in virtual time.</summary>
public sealed class BoshSessionTests
{
    private const long First = 1_573_741_820;
    private const string Empty = "<body xmlns=\"http://jabber.org/protocol/httpbind\"/>";

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(40);

    private MonotonicTime _now = MonotonicTime.FromSeconds(100);

    [Fact]
    public void The_first_answer_has_the_terms_and_waits_for_the_first_word()
    {
        var session = new BoshSession(" sid=\"s\"", Wait, 1, _now);
        var first = Take(session, First, create: true);
        Handle(session);
        Assert.False(first.Answered.IsCompleted);
        Say(session, "<features/>");
        Assert.Equal("<body xmlns=\"http://jabber.org/protocol/httpbind\" xmlns:stream=\"http://etherx.jabber.org/streams\" sid=\"s\"><features/></body>", Text(first));

        var second = Take(session, First + 1);
        Handle(session);
        Say(session, "<a/>");
        Assert.DoesNotContain("sid", Text(second), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(0, 0)]
    [InlineData(40, 0)]
    public void A_session_that_is_asked_for_in_any_way_gets_its_first_word(int wait, int hold)
    {
        var session = new BoshSession(" sid=\"s\"", TimeSpan.FromSeconds(wait), hold, _now);
        var first = Take(session, First, create: true);
        Handle(session);
        Assert.False(first.Answered.IsCompleted);
        Pass(session, Wait);
        Assert.Contains("sid", Text(first), StringComparison.Ordinal);
    }

    [Fact]
    public void One_request_is_held_until_something_comes_or_its_time_is_over()
    {
        var session = Opened();
        var held = Take(session, First + 1);
        Handle(session);
        Assert.Equal(_now + Wait, session.Due);
        Pass(session, Wait - TimeSpan.FromSeconds(1));
        Assert.False(held.Answered.IsCompleted);
        Pass(session, TimeSpan.FromSeconds(1));
        Assert.Equal(Empty, Text(held));

        var next = Take(session, First + 2);
        Handle(session);
        Say(session, "<a/>");
        Assert.Contains("<a/>", Text(next), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_request_has_the_first_answered_once_what_it_says_is_handled()
    {
        var session = Opened();
        var held = Take(session, First + 1);
        Handle(session);
        var speaking = Take(session, First + 2, "<presence xmlns='jabber:client'/>");
        Assert.True(session.TryTakeInput(1000, _now, out var input));
        Assert.Equal("presence", input.Part.Element!.Name);
        Assert.Equal((Empty, false), (Text(held), speaking.Answered.IsCompleted));
        Handle(session);
        Assert.False(speaking.Answered.IsCompleted);
        Say(session, "<a/>");
        Assert.Contains("<a/>", Text(speaking), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_client_says_is_not_answered_before_it_is_handled_so_that_nothing_piles_up()
    {
        var session = Opened();
        var first = Take(session, First + 1, "<iq xmlns='jabber:client'/><iq xmlns='jabber:client'/>");
        var second = Take(session, First + 2, "<iq xmlns='jabber:client'/>");
        Say(session, "<a/>");
        Assert.False(first.Answered.IsCompleted);
        Assert.Equal(BoshTaken.Taken, Try(session, First + 3, out var third));
        Assert.Equal(BoshTaken.OutsideWindow, Try(session, First + 9, out _));
        Assert.Equal(3, Handle(session));
        Assert.Contains("<a/>", Text(first), StringComparison.Ordinal);
        Assert.Equal(Empty, Text(second));
        Assert.False(third.Answered.IsCompleted);
    }

    [Fact]
    public void Requests_that_overtook_each_other_are_handled_by_number()
    {
        var session = Opened();
        var late = Take(session, First + 2, "<b xmlns='jabber:client'/>");
        Assert.False(session.TryTakeInput(1000, _now, out _));
        Take(session, First + 1, "<a xmlns='jabber:client'/>");
        Assert.Equal(["a", "b"], Names(session));
        Assert.False(late.Answered.IsCompleted);
    }

    [Fact]
    public void A_gap_that_is_never_filled_ends_the_session_in_time()
    {
        var session = Opened();
        Take(session, First + 2, "<b xmlns='jabber:client'/>");
        Pass(session, BoshLimits.Inactivity);
        Assert.True(session.IsAbandoned);
        Assert.True(session.TryTakeInput(1000, _now, out var input));
        Assert.Equal(ClientInputKind.Closed, input.Kind);
    }

    [Fact]
    public void An_answer_that_was_lost_is_given_again_and_its_request_not_handled_again()
    {
        var session = Opened();
        var first = Take(session, First + 1, "<iq xmlns='jabber:client'/>");
        Handle(session);
        Say(session, "<a/>");
        Take(session, First + 2, "<iq xmlns='jabber:client'/>");
        Assert.Single(Names(session));

        var again = Take(session, First + 1, "<iq xmlns='jabber:client'/>");
        Assert.Equal(Text(first), Text(again));
        Assert.Empty(Names(session));

        // Who has sent the next one but one has got it.
        Take(session, First + 3);
        Handle(session);
        Assert.Equal(BoshTaken.OutsideWindow, Try(session, First + 1, out _));
    }

    [Fact]
    public void A_request_that_is_sent_again_while_it_is_held_goes_on_over_the_newer_connection()
    {
        var session = Opened();
        var older = Take(session, First + 1, "<iq xmlns='jabber:client'/>");
        Assert.Single(Names(session));
        var newer = Take(session, First + 1, "<iq xmlns='jabber:client'/>");
        Assert.Empty(Names(session));
        Assert.Contains("type=\"error\"", Text(older), StringComparison.Ordinal);
        Say(session, "<a/>");
        Assert.Contains("<a/>", Text(newer), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_given_to_a_client_that_has_gone_away_and_it_gets_it_when_it_comes_back()
    {
        var session = Opened();
        var gone = Take(session, First + 1);
        Handle(session);
        session.Leave(gone, _now);
        Say(session, "<a/>");
        Assert.False(gone.Answered.IsCompleted);
        Pass(session, BoshLimits.Inactivity - TimeSpan.FromSeconds(1));
        var back = Take(session, First + 1);
        Assert.Contains("<a/>", Text(back), StringComparison.Ordinal);
        Assert.False(session.IsAbandoned);
    }

    [Fact]
    public void A_client_that_is_away_for_too_long_is_given_up()
    {
        var session = Opened();
        Assert.Equal(_now + BoshLimits.Inactivity, session.Due);
        Pass(session, BoshLimits.Inactivity - TimeSpan.FromSeconds(1));
        Assert.False(session.IsAbandoned);
        Pass(session, TimeSpan.FromSeconds(1));
        Assert.True(session.IsAbandoned);
    }

    [Fact]
    public void A_client_that_is_not_held_is_answered_at_once()
    {
        var session = new BoshSession(" sid=\"s\"", TimeSpan.Zero, 0, _now);
        Take(session, First, create: true);
        Handle(session);
        Say(session, "<features/>");
        var poll = Take(session, First + 1);
        Handle(session);
        Assert.Equal(Empty, Text(poll));
    }

    [Fact]
    public void A_client_that_asks_too_often_is_answered_later_with_all_that_has_come()
    {
        var session = Opened();
        var rid = First;
        BoshWaiter last;
        var asked = 0;
        do
        {
            last = Take(session, ++rid);
            Handle(session);
            Say(session, "<a/>");
            Assert.True(++asked < 2 * BoshLimits.RequestBurst);
        }
        while (last.Answered.IsCompleted);

        Assert.InRange(asked, BoshLimits.RequestBurst, BoshLimits.RequestBurst + 1);
        Say(session, "<b/>");
        Assert.True(session.Due > _now && session.Due <= _now + TimeSpan.FromSeconds(1));
        Pass(session, TimeSpan.FromSeconds(1));
        Assert.Contains("<a/><b/>", Text(last), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("remote-stream-error")]
    public void The_end_is_told_to_the_request_that_is_open(string? condition)
    {
        var session = Opened();
        var held = Take(session, First + 1);
        Handle(session);
        session.Send("<stream:error xmlns:stream=\"http://etherx.jabber.org/streams\"/>"u8);
        Assert.True(session.End(condition));
        var body = XmppParser.Parse(Text(held));
        Assert.Equal(("terminate", condition), (body["type"], body["condition"]));
        Assert.Single(body.Elements);
        Assert.Equal(BoshTaken.OutsideWindow, Try(session, First + 2, out _));
    }

    [Fact]
    public void The_end_is_told_to_the_next_request_where_none_is_open_and_to_no_other()
    {
        var session = Opened();
        session.Send("<stream:error/>"u8);
        Assert.False(session.End("remote-stream-error"));
        Assert.Equal(BoshTaken.LastWord, Try(session, First + 1, out var next));
        Assert.Contains("remote-stream-error", Text(next), StringComparison.Ordinal);
        Assert.Equal(BoshTaken.OutsideWindow, Try(session, First + 2, out _));
    }

    [Theory]
    [InlineData("<a xmlns='jabber:client'>")]
    [InlineData("<a xmlns='jabber:client'/></body><a/>")]
    [InlineData("text")]
    [InlineData("<!-- -->")]
    [InlineData("<a xmlns='jabber:client'/>\0")]
    public void A_body_that_is_not_well_formed_is_refused_after_what_was(string payload)
    {
        var session = Opened();
        Take(session, First + 1, payload);
        var kinds = new List<XmppStreamPartKind>();
        while (session.TryTakeInput(100_000, _now, out var input)) kinds.Add(input.Part.Kind);
        Assert.Equal(XmppStreamPartKind.Refused, kinds[^1]);
        Assert.All(kinds[..^1], kind => Assert.Equal(XmppStreamPartKind.Element, kind));
    }

    [Fact]
    public void An_element_that_is_longer_than_it_may_be_is_refused()
    {
        var session = Opened();
        Take(session, First + 1, $"<a xmlns='jabber:client'>{new string('x', 10_000)}</a>");
        Assert.True(session.TryTakeInput(9_000, _now, out var input));
        Assert.Equal(XmppParseError.TooLong, input.Part.Error);
    }

    [Fact]
    public void Stanzas_without_a_namespace_of_their_own_are_a_clients()
    {
        var session = Opened();
        Take(session, First + 1, "<message to='a@b'><body>hello</body><x xmlns='urn:x'><body/></x></message>");
        Assert.True(session.TryTakeInput(1000, _now, out var input));
        Assert.Equal("<message xmlns=\"jabber:client\" to=\"a@b\"><body>hello</body><x xmlns=\"urn:x\"><body/></x></message>", input.Part.Element!.ToString());
    }

    [Fact]
    public void What_is_kept_of_answers_is_two_of_them_whatever_is_sent()
    {
        var session = Opened();
        for (var rid = First + 1; rid < First + 50; rid++)
        {
            Take(session, rid);
            Handle(session);
            Say(session, new string('x', BoshLimits.AnswerOctets));
            Assert.InRange(session.KeptOctets, 0, BoshLimits.Requests * (BoshLimits.AnswerOctets + 200));
        }

        // The next one says that they have come.
        Take(session, First + 50);
        Handle(session);
        Assert.InRange(session.KeptOctets, 0, BoshLimits.AnswerOctets + 200);
    }

    /// <summary>Whatever a client sends in whatever order, its stanzas are handled in order and once, and it can fetch all that was for it.</summary>
    [Fact]
    public void A_client_whose_requests_and_answers_are_lost_at_random_loses_and_repeats_nothing()
    {
        for (var seed = 0; seed < 200; seed++) new LossyClient(seed).Run();
    }

    private static string Text(BoshWaiter waiter)
    {
        Assert.True(waiter.Answered.IsCompletedSuccessfully, "not answered");
        return Encoding.UTF8.GetString(waiter.Answered.Result.Span);
    }

    private static BoshRequest Request(BoshWaiter waiter, long rid, string payload, bool create)
    {
        var attributes = $"rid='{rid}' " + (create ? "to='meet.jitsi'" : "sid='s'");
        var octets = Encoding.UTF8.GetBytes(Kit.Clients.BoshWire.Body(attributes, payload));
        Assert.Equal(BoshTagResult.Complete, BoshTag.TryRead(octets, out var tag));
        return new BoshRequest(waiter, rid, tag!, octets, "meet.jitsi");
    }

    private BoshSession Opened()
    {
        var session = new BoshSession(" sid=\"s\"", Wait, 1, _now);
        Take(session, First, create: true);
        Handle(session);
        Say(session, "<features/>");
        return session;
    }

    private BoshTaken Try(BoshSession session, long rid, out BoshWaiter waiter)
    {
        waiter = new BoshWaiter();
        return session.Take(Request(waiter, rid, "", create: false), _now);
    }

    private BoshWaiter Take(BoshSession session, long rid, string payload = "", bool create = false)
    {
        var waiter = new BoshWaiter();
        Assert.Equal(BoshTaken.Taken, session.Take(Request(waiter, rid, payload, create), _now));
        return waiter;
    }

    private int Handle(BoshSession session)
    {
        var handled = 0;
        while (session.TryTakeInput(SignallingLimits.StanzaOctets, _now, out _)) handled++;
        return handled;
    }

    private List<string> Names(BoshSession session)
    {
        var names = new List<string>();
        while (session.TryTakeInput(SignallingLimits.StanzaOctets, _now, out var input)) names.Add(input.Part.Element!.Name);
        return names;
    }

    private void Say(BoshSession session, string text)
    {
        session.Send(Encoding.UTF8.GetBytes(text));
        session.Look(_now);
    }

    private void Pass(BoshSession session, TimeSpan time)
    {
        _now += time;
        session.Look(_now);
    }

    /// <summary>A client as XEP-0124 wants it, on a network that loses what it likes.</summary>
    private sealed class LossyClient(int seed)
    {
        private const int Stanzas = 40;

        private readonly Random _random = new(seed);
        private readonly List<(long Rid, string Payload, BoshWaiter? Waiter)> _open = [];
        private readonly List<int> _heard = [];
        private readonly List<int> _handled = [];
        private MonotonicTime _now = MonotonicTime.FromSeconds(1);

        public void Run()
        {
            var session = new BoshSession(" sid=\"s\"", Wait, 1, _now);
            var (rid, said, sent) = (First, 0, 0);
            _open.Add((rid, "", null));
            Deliver(session, 0);
            var steps = 0;
            while (_heard.Count < Stanzas || _handled.Count < Stanzas)
            {
                Assert.True(++steps < 20_000, $"seed {seed}: {_heard.Count} heard, {_handled.Count} handled");
                _now += TimeSpan.FromMilliseconds(_random.Next(200));
                session.Look(_now);
                Assert.False(session.IsAbandoned, $"seed {seed}");
                switch (_random.Next(5))
                {
                    case 0 when _open.Count < BoshLimits.Requests && session.KeptOctets > 0:
                        // A new request, with a stanza or without.
                        _open.Add((++rid, said < Stanzas && _random.Next(2) == 0 ? $"<s n='{said++}' xmlns='jabber:client'/>" : "", null));
                        if (_random.Next(4) > 0) Deliver(session, _open.Count - 1);
                        break;
                    case 1 when sent < Stanzas:
                        session.Send(Encoding.UTF8.GetBytes($"<m n=\"{sent++}\"/>"));
                        session.Look(_now);
                        break;
                    case 2:
                        if (session.TryTakeInput(1000, _now, out var input) && input.Part.Element is { Name: "s" } stanza) _handled.Add(int.Parse(stanza["n"]!, System.Globalization.CultureInfo.InvariantCulture));
                        break;
                    case 3 when _open.Count > 0:
                        Lose(session);
                        break;
                    default:
                        Hear();
                        break;
                }
            }

            Assert.Equal(Enumerable.Range(0, Stanzas), _handled);
            Assert.Equal(Enumerable.Range(0, Stanzas), _heard);
        }

        private void Deliver(BoshSession session, int at)
        {
            var (rid, payload, _) = _open[at];
            var waiter = new BoshWaiter();
            Assert.Equal(BoshTaken.Taken, session.Take(Request(waiter, rid, payload, rid == First), _now));
            _open[at] = (rid, payload, waiter);
        }

        // The connection breaks, or the answer is lost on the way; or a request that was lost is sent again.
        private void Lose(BoshSession session)
        {
            var at = _random.Next(_open.Count);
            if (_open[at].Waiter is { } waiter && _random.Next(3) == 0)
            {
                session.Leave(waiter, _now);
                _open[at] = _open[at] with { Waiter = null };
            }
            else if (_open[at].Waiter is null)
            {
                Deliver(session, at);
            }
        }

        // In the order of the requests, as a client reads them.
        private void Hear()
        {
            if (_open.Count == 0 || _open[0].Waiter is not { Answered.IsCompletedSuccessfully: true } waiter) return;
            var body = XmppParser.Parse(Encoding.UTF8.GetString(waiter.Answered.Result.Span));
            Assert.Null(body["type"]);
            foreach (var element in body.Elements) _heard.Add(int.Parse(element["n"]!, System.Globalization.CultureInfo.InvariantCulture));
            _open.RemoveAt(0);
        }
    }
}
