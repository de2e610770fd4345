using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Handover;

/// <summary>What of a session is written when, what waits for it, and when an envelope may leave its queue.</summary>
public sealed class StreamRecordTests
{
    private const string Call = "call@muc.meet.jitsi";

    private readonly World _world = new();
    private readonly SessionOutputs _outputs = new();
    private readonly XmppSession _session;
    private long _sequence;

    public StreamRecordTests()
    {
        _session = _world.Enters().Session;
        _session.BeginRecord(_outputs);
        var begun = Write();
        Assert.True(begun.HasCard);
        // All that was sent before is in it: it stands in no queue.
        Assert.Equal(_session.UnacknowledgedCount, begun.Fresh.Count);
    }

    [Fact]
    public void A_rooms_stanza_goes_out_at_once_and_leaves_its_queue_when_its_acknowledgement_is_written()
    {
        var receipt = Deliver();
        Assert.Single(_outputs.Frames, frame => frame.IsStanza);
        Assert.Contains(RecordDue.Later, _outputs.Effects);
        Assert.Empty(Write().Fresh);
        Assert.Equal(0, receipt.Completed);

        Acknowledge();
        var update = _session.TakeUpdate(_world.Now)!;
        Assert.Equal(0, receipt.Completed);
        _session.Written(update, _outputs);
        Assert.Equal(1, receipt.Completed);
        Assert.Equal(new SavedPosition("s", Call, 1), Assert.Single(update.Session.Positions));
    }

    [Fact]
    public void What_its_client_does_not_acknowledge_moves_from_the_queue_into_the_record()
    {
        var (first, second) = (Deliver(), Deliver());
        Assert.True(Write().HasRest);
        _world.Passes(SignallingLimits.UnacknowledgedInQueue);
        var late = Deliver();
        var update = Write();
        Assert.Equal(2, update.Fresh.Count);
        Assert.True(update.HasRest);
        Assert.Equal((1, 1, 0), (first.Completed, second.Completed, late.Completed));
        Assert.Equal(2, Assert.Single(update.Session.Positions).Sequence);
    }

    [Fact]
    public void An_answer_of_the_node_waits_for_the_record_and_what_follows_waits_behind_it()
    {
        var before = Deliver();
        _session.Deliver(Frame("answer"), _world.Now, _outputs);
        Deliver();
        Assert.Equal(["1"], Sent());
        Assert.Contains(RecordDue.AtOnce, _outputs.Effects);
        var update = Write();
        // An unbroken row: what came before the answer is in the record too.
        Assert.Equal(2, update.Fresh.Count);
        Assert.Equal(1, before.Completed);
        Assert.Equal(["1", "answer", "2"], Sent());
    }

    [Fact]
    public void A_store_that_is_away_holds_nobody_up_and_gets_everything_when_it_is_back()
    {
        var receipt = Deliver();
        _session.Deliver(Frame("answer"), _world.Now, _outputs);
        var failed = _session.TakeUpdate(_world.Now)!;
        _session.NotWritten(failed, _outputs);
        Assert.Equal(["1", "answer"], Sent());
        Assert.Equal(0, receipt.Completed);
        _session.Deliver(Frame("next"), _world.Now, _outputs);
        Assert.Equal(["1", "answer", "next"], Sent());

        var update = Write();
        Assert.Equal((failed.First, 3), (update.First, update.Fresh.Count));
        Assert.Equal(1, receipt.Completed);
    }

    [Fact]
    public void The_count_of_handled_stanzas_is_told_when_it_is_written_and_not_while_a_stanza_is_under_way()
    {
        _session.Handle(Parse("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>"), default, _world.Now, _outputs);
        var handled = _session.TakeUpdate(_world.Now)!.Session.Handled;
        _session.BeginEffects();
        _outputs.Clear();
        _session.Handle(Parse("<r xmlns='urn:xmpp:sm:3'/>"), default, _world.Now, _outputs);
        Assert.DoesNotContain(_outputs.Frames, frame => frame.ToText("").StartsWith("<a ", StringComparison.Ordinal));
        Assert.True(_session.TakeUpdate(_world.Now) is null or { Fresh.Count: 0 });
        _session.EndEffects(_outputs);
        var update = Write();
        Assert.Equal(handled, update.Session.Handled);
        Assert.Contains(_outputs.Frames, frame => frame.ToText("").Contains($"h=\"{handled}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stanza_that_is_in_the_record_already_is_dropped_and_its_envelope_released()
    {
        var receipt = Deliver();
        Acknowledge();
        Write();
        var saved = _session.Save(_world.Now)!;
        var next = XmppSession.Restore(saved, _world.Nodes[0].Router, TimeSpan.FromSeconds(60), _world.Now, keepsRecord: true)!;
        var (again, fresh) = (new CountedReceipt(), new CountedReceipt());
        next.Deliver(Frame("1"), _world.Now, _outputs, new LinkOrigin("s", Call, 1, new SharedReceipt(again, 1)));
        next.Deliver(Frame("2"), _world.Now, _outputs, new LinkOrigin("s", Call, 2, new SharedReceipt(fresh, 1)));
        Assert.Equal((1, 1, 0), (receipt.Completed, again.Completed, fresh.Completed));
        Assert.Equal(saved.Unacknowledged.Count + 1, next.UnacknowledgedCount);
    }

    [Fact]
    public void A_session_that_ends_releases_all_its_envelopes_once()
    {
        var receipts = Enumerable.Range(0, 7).Select(_ => Deliver()).ToList();
        Acknowledge();
        var more = Deliver();
        _session.Deliver(Frame("answer"), _world.Now, _outputs);
        var update = _session.TakeUpdate(_world.Now)!;
        var last = Deliver();
        _session.End(SessionEndReason.ClosedByClient, _world.Now, _outputs);
        _session.Written(update, _outputs);
        Assert.All([.. receipts, more, last], receipt => Assert.Equal(1, receipt.Completed));
        Assert.Equal(1, Deliver().Completed);
    }

    private static XmppElement Parse(string xml) => XmppParser.Parse(World.WithClientNamespace(xml));

    private static OutboundFrame Frame(string id) => OutboundFrame.Stanza(Parse($"<message id='{id}' to=''><body>{id}</body></message>"));

    private IEnumerable<string> Sent() => _outputs.Frames.Where(frame => frame.IsStanza).Select(frame => Parse(frame.ToText(""))["id"]!);

    private SessionUpdate Write()
    {
        var update = _session.TakeUpdate(_world.Now)!;
        _session.Written(update, _outputs);
        return update;
    }

    private void Acknowledge()
    {
        var saved = _session.Save(_world.Now)!;
        _session.Handle(Parse($"<a xmlns='urn:xmpp:sm:3' h='{saved.Acknowledged + (uint)saved.Unacknowledged.Count}'/>"), default, _world.Now, _outputs);
    }

    private CountedReceipt Deliver()
    {
        var receipt = new CountedReceipt();
        _sequence++;
        _session.Deliver(Frame($"{_sequence}"), _world.Now, _outputs, new LinkOrigin("s", Call, _sequence, new SharedReceipt(receipt, 1)));
        return receipt;
    }

    private sealed class CountedReceipt : ILinkReceipt
    {
        public int Completed { get; private set; }

        public void Complete() => Completed++;
    }
}
