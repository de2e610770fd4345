using FsCheck.Xunit;

namespace JitsiMesh.Xmpp.Tests;

/// <summary>RFC 7622 section 3, with the examples of its section 3.5.</summary>
public sealed class JidTests
{
    [Theory]
    [InlineData("juliet@example.com", "juliet", "example.com", null)]
    [InlineData("juliet@example.com/foo", "juliet", "example.com", "foo")]
    [InlineData("juliet@example.com/foo bar", "juliet", "example.com", "foo bar")]
    [InlineData("juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar")]
    [InlineData("foo\\20bar@example.com", "foo\\20bar", "example.com", null)]
    [InlineData("fussball@example.com", "fussball", "example.com", null)]
    [InlineData("fußball@example.com", "fußball", "example.com", null)]
    [InlineData("π@example.com", "π", "example.com", null)]
    [InlineData("Σ@example.com/foo", "σ", "example.com", "foo")]
    [InlineData("king@example.com/♚", "king", "example.com", "♚")]
    [InlineData("example.com", null, "example.com", null)]
    [InlineData("example.com/foobar", null, "example.com", "foobar")]
    [InlineData("a.example.com/b@example.net", null, "a.example.com", "b@example.net")]
    [InlineData("Room@MUC.Meet.Jitsi./Nick", "room", "muc.meet.jitsi", "Nick")]
    [InlineData("[tenant]room@muc.meet.jitsi", "[tenant]room", "muc.meet.jitsi", null)]
    [InlineData("room@muc.my%20team.meet.jitsi", "room", "muc.my%20team.meet.jitsi", null)]
    [InlineData("room@muc.My%20Team.meet.jitsi", "room", "muc.my%20team.meet.jitsi", null)]
    [InlineData("caf%c3%a9@muc.meet.jitsi", "caf%c3%a9", "muc.meet.jitsi", null)]
    public void TryParse_Valid_IsPrepared(string text, string? local, string domain, string? resource)
    {
        Assert.True(Jid.TryParse(text, out var jid));
        Assert.Equal((local, domain, resource), (jid.Local, jid.Domain, jid.Resource));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"juliet\"@example.com")]
    [InlineData("foo bar@example.com")]
    [InlineData("juliet@example.com/")]
    [InlineData("@example.com/")]
    [InlineData("henryⅣ@example.com")]
    [InlineData("♚@example.com")]
    [InlineData("juliet@")]
    [InlineData("/foobar")]
    [InlineData("a@b@c")]
    [InlineData("a@.b")]
    [InlineData("a@b..c")]
    [InlineData("a@b/\u0007")]
    [InlineData("a\uFFFE@b")]
    [InlineData("a@b\uFFFE")]
    [InlineData("a@b/\uFFFE")]
    public void TryParse_Invalid_IsRefused(string text) => Assert.False(Jid.TryParse(text, out _));

    [Theory]
    [InlineData("ａｎｎ@meet.jitsi", "ann@meet.jitsi")]
    [InlineData("\u212Bnn@meet.jitsi", "ånn@meet.jitsi")]
    [InlineData("a\u030Ann@meet.jitsi", "ånn@meet.jitsi")]
    [InlineData("\u212Aim@meet.jitsi", "kim@meet.jitsi")]
    [InlineData("ANN@MEET.JITSI", "ann@meet.jitsi")]
    public void Addresses_that_differ_only_in_form_are_the_same(string a, string b) => Assert.Equal(Jid.Parse(b), Jid.Parse(a));

    [Theory]
    [InlineData("a\u00ADnn")]
    [InlineData("a\u200Bnn")]
    [InlineData("a\u200Dnn")]
    [InlineData("a\u034Fnn")]
    [InlineData("a\u3164nn")]
    [InlineData("a\uFE0Fnn")]
    [InlineData("a\u202Enn")]
    [InlineData("\uFB01nn")]
    [InlineData("a\u00A0nn")]
    public void A_local_part_with_something_invisible_or_a_compatibility_form_is_refused(string local) => Assert.False(Jid.TryCreate(local, "meet.jitsi", null, out _));

    [Fact]
    public void A_part_longer_than_its_octets_is_refused()
    {
        Assert.True(Jid.TryCreate(new string('a', 1023), "b", null, out _));
        Assert.False(Jid.TryCreate(new string('a', 1024), "b", null, out _));
        Assert.False(Jid.TryCreate(new string('é', 512), "b", null, out _));
        Assert.False(Jid.TryCreate("a", "b", new string('x', 1024), out _));
    }

    [Property(MaxTest = 500)]
    public bool Preparation_is_stable(string? local, string? domain, string? resource) =>
        !Jid.TryCreate(local, domain ?? "", resource, out var jid) || (Jid.TryCreate(jid.Local, jid.Domain, jid.Resource, out var again) && again == jid);
}
