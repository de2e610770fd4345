using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class SourceSignallingTests
{
    private readonly ConferenceParts _parts = new();

    private static SourceSet Set(string nick, params uint[] ssrcs) =>
        new([.. ssrcs.Select(ssrc => new Source(ssrc, MediaKind.Video, $"{nick}-v{ssrc % 10}", $"{nick}{ssrc} t"))], []);

    private List<(string? To, string? Action)> Told => [.. _parts.Stanzas.Select(iq => (iq["to"]?[(ConferenceParts.Room.Length + 1)..], iq.Child("jingle")?["action"]))];

    private Participant Find(string nick) => _parts.Document.Find(nick)!;

    private void Join(params string[] nicks)
    {
        foreach (var nick in nicks)
        {
            var session = _parts.Session();
            _parts.Join(nick, one => one with { Session = session });
        }

        _parts.Begin();
    }

    [Fact]
    public void New_sources_are_told_to_all_others_and_once()
    {
        Join("ann", "bob", "cid");
        Assert.Equal(SourceRejection.None, _parts.Sources.TryAdd(Find("ann"), Set("ann", 11)));
        _parts.Sources.Propagate("ann");
        _parts.Sources.Propagate("ann");
        Assert.Equal([("bob", "source-add"), ("cid", "source-add")], Told);
        Assert.Equal(Set("ann", 11), Find("ann").Sources);
    }

    [Fact]
    public void Removals_are_told_before_additions()
    {
        Join("ann", "bob");
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11));
        _parts.Sources.Propagate("ann");
        _parts.Begin();
        Assert.Equal(SourceRejection.None, _parts.Sources.TryRemove(Find("ann"), Set("ann", 11)));
        Assert.Equal(SourceRejection.None, _parts.Sources.TryAdd(Find("ann"), Set("ann", 12)));
        _parts.Sources.Propagate("ann");
        Assert.Equal([("bob", "source-remove"), ("bob", "source-add")], Told);
    }

    [Theory]
    [InlineData(SessionPhase.Pending, false)]
    [InlineData(SessionPhase.Ended, false)]
    [InlineData(SessionPhase.Active, true)]
    public void A_participant_whose_session_is_not_active_or_whose_bridge_rewrites_is_not_told(SessionPhase phase, bool rewriting)
    {
        Join("ann", "bob");
        _parts.Document.Put(Find("bob") with { Session = Find("bob").Session! with { Phase = phase, Rewriting = rewriting } });
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11));
        _parts.Sources.Propagate("ann");
        Assert.Empty(Told);
    }

    [Fact]
    public void A_refused_change_stores_nothing()
    {
        Join("ann", "bob");
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11));
        Assert.Equal(SourceRejection.SsrcInUse, _parts.Sources.TryAdd(Find("bob"), Set("bob", 12, 11)));
        Assert.Equal(SourceRejection.NotFound, _parts.Sources.TryRemove(Find("bob"), Set("bob", 11)));
        Assert.True(Find("bob").Sources.IsEmpty);
        Assert.Equal(Set("ann", 11), Find("ann").Sources);
    }

    [Fact]
    public void Withdrawn_sources_are_kept_for_their_owner_until_its_next_accept()
    {
        Join("ann", "bob");
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11));
        _parts.Sources.Propagate("ann");
        _parts.Begin();
        _parts.Sources.Withdraw("ann");
        Assert.Equal([("bob", "source-remove")], Told);
        Assert.Equal(SourceRejection.SsrcInUse, _parts.Sources.TryAdd(Find("bob"), Set("bob", 11)));
        Assert.Equal(SourceRejection.None, _parts.Sources.TryAccept(Find("ann"), Set("ann", 12), isComplete: true));
        Assert.True(Find("ann").FormerSources.IsEmpty);
        Assert.Equal(SourceRejection.None, _parts.Sources.TryAdd(Find("bob"), Set("bob", 11)));
    }

    [Fact]
    public void A_new_owner_of_the_conference_knows_the_same_sources()
    {
        Join("ann", "bob");
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11, 12));
        _parts.Sources.TryRemove(Find("ann"), Set("ann", 12));
        var next = new SourceSignalling(_parts.Document, _parts.Effects, _parts.Options);
        Assert.Equal(Set("ann", 11), Assert.Single(next.Desired(Find("bob"))).Sources);
        Assert.Equal(SourceRejection.SsrcInUse, next.TryAdd(Find("bob"), Set("bob", 12)));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(11, false)]
    public void Sources_of_a_participant_that_left_are_taken_back_by_name_only_while_they_may_be_under_way(double seconds, bool told)
    {
        Join("ann", "bob");
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11));
        _parts.Sources.Propagate("ann");
        _parts.Begin(seconds);
        Leave("ann");
        Assert.Equal(told ? 1 : 0, Told.Count(one => one == ("bob", "source-remove")));
        Assert.Empty(Find("bob").Session!.Signalled);
    }

    [Fact]
    public void A_pending_session_is_told_of_a_leave_when_it_is_accepted()
    {
        Join("ann", "bob");
        _parts.Sources.TryAdd(Find("ann"), Set("ann", 11));
        _parts.Document.Put(Find("bob") with { Session = Find("bob").Session! with { Phase = SessionPhase.Pending, Signalled = _parts.Sources.Desired(Find("bob")) } });
        Leave("ann");
        Assert.Empty(Told);
        _parts.Document.Put(Find("bob") with { Session = Find("bob").Session! with { Phase = SessionPhase.Active } });
        _parts.Sources.Flush(Find("bob"));
        Assert.Equal([("bob", "source-remove")], Told);
    }

    private void Leave(string nick)
    {
        var removed = _parts.Sources.Forget(nick);
        _parts.Document.Remove(nick);
        _parts.Sources.OnOwnerLeft(nick, removed);
    }
}
