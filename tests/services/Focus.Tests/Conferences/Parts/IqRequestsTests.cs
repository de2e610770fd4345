using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class IqRequestsTests
{
    private readonly ConferenceParts _parts = new();

    private string Ask(string nick, IqPurpose purpose = IqPurpose.Features)
    {
        _parts.Iqs.Ask(nick.Length == 0 ? ConferenceParts.Room : _parts.Effects.OccupantJid(nick), new XmppElement("query", Namespaces.DiscoInfo), "get", purpose, nick);
        return _parts.Stanzas[^1]["id"]!;
    }

    private PendingIq? Answer(string id, string from) => _parts.Iqs.TakeAnswered(Stanzas.Iq("result", id, "focus@auth.meet.example/focus", null, from));

    [Fact]
    public void The_first_answer_of_the_occupant_that_was_asked_counts()
    {
        var id = Ask("ann");
        Assert.Null(Answer(id, _parts.Effects.OccupantJid("bob")));
        Assert.Null(Answer(id, ConferenceParts.Room));
        Assert.Null(Answer("tag-99", _parts.Effects.OccupantJid("ann")));
        Assert.Equal("ann", Answer(id, _parts.Effects.OccupantJid("ann"))?.Nick);
        Assert.Null(Answer(id, _parts.Effects.OccupantJid("ann")));
    }

    [Fact]
    public void The_room_answers_for_itself()
    {
        var id = Ask("", IqPurpose.OwnerForm);
        Assert.Null(Answer(id, _parts.Effects.OccupantJid("ann")));
        Assert.Equal(IqPurpose.OwnerForm, Answer(id, ConferenceParts.Room)?.Purpose);
    }

    [Fact]
    public void A_request_is_due_when_its_time_to_answer_is_over()
    {
        Ask("ann");
        Assert.Equal(_parts.Effects.Now + _parts.Options.ReplyTimeout, _parts.Iqs.NextDeadline);
        Assert.Empty(_parts.Iqs.Due());
        _parts.Begin(_parts.Options.ReplyTimeout.TotalSeconds);
        Ask("bob");
        Assert.Equal("ann", Assert.Single(_parts.Iqs.Due()).Nick);
        var later = _parts.Effects.Now + TimeSpan.FromSeconds(5);
        _parts.Iqs.PutOff(later);
        Assert.Empty(_parts.Iqs.Due());
        Assert.Equal(later, _parts.Iqs.NextDeadline);
    }

    [Fact]
    public void What_is_over_is_not_waited_for()
    {
        Ask("ann", IqPurpose.SessionInitiate);
        Ask("ann");
        Ask("bob", IqPurpose.SessionInitiate);
        _parts.Iqs.ForgetInitiate("ann");
        Assert.Equal([("ann", IqPurpose.Features), ("bob", IqPurpose.SessionInitiate)], _parts.Core.PendingIqs.Select(pending => (pending.Nick, pending.Purpose)));
        _parts.Iqs.ForgetAll("ann");
        _parts.Iqs.ForgetAll("bob");
        Assert.Equal(MonotonicTime.Never, _parts.Iqs.NextDeadline);
    }
}
