using System.Text;

namespace JitsiMesh.Xmpp.Tests;

public sealed class BoshTagTests
{
    [Theory]
    [InlineData("<body rid='1' sid='abc' xmlns='http://jabber.org/protocol/httpbind'/>", "abc", true)]
    [InlineData("<body rid='1' sid='abc' xmlns='http://jabber.org/protocol/httpbind'><presence xmlns='jabber:client'/></body>", "abc", false)]
    [InlineData("<body rid=\"1\" to=\"a>b\" xmlns=\"http://jabber.org/protocol/httpbind\" xmlns:xmpp=\"urn:xmpp:xbosh\" xmpp:version=\"1.0\"/>", null, true)]
    [InlineData("<?xml version='1.0' encoding='utf-8'?>\n<body xmlns='http://jabber.org/protocol/httpbind' sid='a&amp;b' />", "a&b", true)]
    [InlineData("\r\n <body xmlns='http://jabber.org/protocol/httpbind' sid='x'></body>", "x", false)]
    public void A_start_tag_says_whose_the_body_is(string text, string? session, bool isEmpty)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        Assert.Equal(BoshTagResult.Complete, BoshTag.TryRead(octets, out var tag));
        Assert.Equal((session, isEmpty), (tag!.SessionId, tag.IsEmpty));
        Assert.EndsWith(isEmpty ? "/>" : ">", text[..tag.Octets], StringComparison.Ordinal);

        // Octet by octet it is incomplete until its last one, and never another tag.
        for (var length = 0; length < tag.Octets; length++) Assert.Equal(BoshTagResult.Incomplete, BoshTag.TryRead(octets.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData("<open to='a'/>")]
    [InlineData("<body rid='1'/>")]
    [InlineData("<body xmlns='jabber:client'/>")]
    [InlineData("<bodyguard xmlns='http://jabber.org/protocol/httpbind'/>")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' sid='a' sid='b'/>")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' x:y='a'/>")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' a='&b;'/>")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' a='<'/>")]
    [InlineData("<!DOCTYPE body><body xmlns='http://jabber.org/protocol/httpbind'/>")]
    [InlineData("<!-- --><body xmlns='http://jabber.org/protocol/httpbind'/>")]
    [InlineData("{\"room\":\"a\"}")]
    [InlineData("body=1&sid=a")]
    public void What_is_none_is_refused(string text) => Assert.Equal(BoshTagResult.Refused, BoshTag.TryRead(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Octets_that_are_no_UTF_8_are_refused()
    {
        byte[] octets = [.. "<body xmlns='http://jabber.org/protocol/httpbind' sid='"u8, 0xC0, 0x80, .. "'/>"u8];
        Assert.Equal(BoshTagResult.Refused, BoshTag.TryRead(octets, out _));
    }

    [Fact]
    public void Mutated_tags_never_throw()
    {
        var random = new Random(124);
        var good = Encoding.UTF8.GetBytes("<?xml version='1.0'?><body rid='1573741820' sid='0123456789-abcdef' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmpp:restart='true'><a/></body>");
        for (var i = 0; i < 20_000; i++)
        {
            var octets = good.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
            var outcome = BoshTag.TryRead(octets.AsSpan(0, random.Next(octets.Length + 1)), out var tag);
            Assert.Equal(outcome == BoshTagResult.Complete, tag is not null);
        }
    }
}
