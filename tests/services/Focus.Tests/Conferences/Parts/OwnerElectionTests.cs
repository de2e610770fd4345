using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class OwnerElectionTests
{
    private readonly ConferenceParts _parts = new();

    private List<string?> Granted => [.. _parts.Stanzas.Select(iq => iq.Child("query", Namespaces.MucAdmin)?.Child("item")?["jid"])];

    [Fact]
    public void The_eldest_becomes_owner_once()
    {
        _parts.Join("ann");
        _parts.Join("bob");
        _parts.Owners.Elect();
        _parts.Owners.Elect();
        Assert.Equal(["ann@meet.example"], Granted);
        Assert.True(_parts.Document.Find("ann")!.OwnerGranted);
        Assert.False(_parts.Document.Find("bob")!.OwnerGranted);
    }

    [Fact]
    public void Nobody_becomes_owner_for_being_first_after_a_login_named_moderators()
    {
        _parts.Join("ann");
        _parts.Owners.NoteLogin(false);
        _parts.Owners.Elect();
        Assert.Empty(Granted);
        _parts.Join("bob", bob => bob with { Moderator = true });
        _parts.Owners.Elect();
        Assert.Equal(["bob@meet.example"], Granted);
    }

    [Fact]
    public void A_login_that_says_nothing_of_moderating_changes_nothing()
    {
        _parts.Owners.NoteLogin(null);
        Assert.False(_parts.Core.Owners.ModeratorsAreNamed);
    }

    [Fact]
    public void A_demoted_participant_is_passed_over_while_there_is_another()
    {
        _parts.Join("ann", ann => ann with { Demoted = true });
        _parts.Join("bob");
        _parts.Owners.Elect();
        Assert.Equal(["bob@meet.example"], Granted);
    }

    [Fact]
    public void A_breakout_room_has_no_first_owner()
    {
        _parts.Join("ann");
        _parts.Owners.SetBreakout(true);
        _parts.Owners.Elect();
        Assert.Empty(Granted);
    }

    [Fact]
    public void Recorders_services_and_guests_beside_a_login_do_not_own_the_room()
    {
        _parts.Options.TrustedDomains.Add("recorder.meet.example");
        _parts.Join("rec", one => one with { IsRecorder = true });
        _parts.Join("gateway", one => one with { RealJid = "jigasi@recorder.meet.example/x" });
        _parts.Join("guest", one => one with { RealJid = "g@guest.meet.example/web" });
        _parts.Owners.Elect();
        Assert.Empty(Granted);
        _parts.Join("ann");
        _parts.Owners.Elect();
        Assert.Equal(["ann@meet.example"], Granted);
    }

    [Fact]
    public void With_the_policy_host_everybody_with_a_login_owns_the_room_and_with_nobody_no_one()
    {
        _parts.Options.Moderators = ModeratorPolicy.Host;
        foreach (var nick in new[] { "ann", "bob" }) _parts.Join(nick, one => one with { Identity = one.RealJid });
        _parts.Join("cid");
        _parts.Options.Moderators = ModeratorPolicy.Nobody;
        _parts.Owners.Elect();
        Assert.Empty(Granted);
        _parts.Options.Moderators = ModeratorPolicy.Host;
        _parts.Owners.Elect();
        Assert.Equal(["ann@meet.example", "bob@meet.example"], Granted);
    }

    [Theory]
    [InlineData("none", true, "none", true, false)]
    [InlineData("none", true, "owner", true, false)]
    [InlineData("owner", true, "member", false, true)]
    [InlineData("owner", false, "owner", false, false)]
    public void A_presence_that_is_no_longer_an_owners_is_a_demotion(string before, bool granted, string now, bool grantedNow, bool demoted)
    {
        var ann = _parts.Join("ann", one => one with { Affiliation = before, OwnerGranted = granted });
        Assert.Equal((grantedNow, demoted), OwnerElection.Follow(ann, now));
    }

    [Fact]
    public void A_demotion_ends_when_the_participant_is_owner_again()
    {
        var ann = _parts.Join("ann", one => one with { Affiliation = "member", Demoted = true });
        Assert.True(OwnerElection.Follow(ann, "member").Demoted);
        Assert.False(OwnerElection.Follow(ann, "owner").Demoted);
        Assert.Equal((false, false), OwnerElection.Follow(null, "none"));
    }
}
