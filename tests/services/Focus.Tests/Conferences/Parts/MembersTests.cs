using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class MembersTests
{
    private readonly ConferenceParts _parts = new();
    private readonly Members _members;

    public MembersTests()
    {
        _members = new Members(_parts.Document, _parts.Effects, _parts.Timeouts, _parts.Requests, _parts.Owners, _parts.Options);
    }

    private static MemberPresence Presence(string nick, string? realJid = null) => new() { Nick = nick, Available = true, RealJid = realJid ?? $"{nick}@meet.example/web", Role = "participant" };

    private Participant Find(string nick) => _parts.Document.Find(nick)!;

    [Fact]
    public void A_participant_is_new_once_and_the_eldest_is_known()
    {
        _parts.Timeouts.WaitForParticipants();
        Assert.True(_members.Update(Presence("bob"), null));
        Assert.True(_members.Update(Presence("ann"), null));
        Assert.False(_members.Update(Presence("bob") with { Region = "eu" }, null));
        Assert.Equal(["bob", "ann"], _parts.Document.Participants.Select(one => one.Nick));
        Assert.Equal("eu", Find("bob").Region);
        Assert.Equal(2, _parts.Count(ConferenceEvent.ParticipantJoined));
        Assert.False(_parts.Timeouts.WaitsForParticipants);
    }

    [Fact]
    public void A_nick_is_taken_over_by_another_session_alone()
    {
        _members.Update(Presence("ann"), null);
        Assert.False(_members.IsTakenOver(Presence("ann")));
        Assert.False(_members.IsTakenOver(Presence("ann") with { RealJid = null }));
        Assert.False(_members.IsTakenOver(Presence("bob")));
        Assert.True(_members.IsTakenOver(Presence("ann", "ann@meet.example/other")));
    }

    [Theory]
    [InlineData("recorder.meet.example", true)]
    [InlineData("meet.example", false)]
    public void Only_an_account_of_a_trusted_domain_is_a_recorder(string domain, bool recorder)
    {
        _parts.Options.TrustedDomains.Add("recorder.meet.example");
        _members.Update(Presence("rec", "jibri@" + domain + "/x") with { NamedFeatures = ["http://jitsi.org/protocol/jibri"] }, null);
        Assert.Equal(recorder, Find("rec").IsRecorder);
    }

    [Fact]
    public void What_a_session_says_of_its_login_stays_when_a_later_presence_says_nothing()
    {
        _members.Update(Presence("ann"), new SessionContext { Identity = "ann@meet.example", Moderator = true });
        _members.Update(Presence("ann"), null);
        Assert.Equal(("ann@meet.example", (bool?)true), (Find("ann").Identity, Find("ann").Moderator));
        Assert.True(_parts.Core.Owners.ModeratorsAreNamed);
    }

    [Fact]
    public void The_trace_is_that_of_the_join()
    {
        _parts.Begin(trace: "join");
        _members.Update(Presence("ann"), null);
        _parts.Begin(trace: "later");
        _members.Update(Presence("ann") with { Region = "eu" }, null);
        Assert.Equal("join", Find("ann").Trace);
    }
}
