using System.Text;
using System.Xml;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace JitsiMesh.Xmpp.Tests;

public sealed class XmppParserTests
{
    [Theory]
    [InlineData("<a xmlns='urn:a' b='1'/>", "<a xmlns=\"urn:a\" b=\"1\"/>")]
    [InlineData("<?xml version='1.0'?><a xmlns='urn:a'/>", "<a xmlns=\"urn:a\"/>")]
    [InlineData("<p:a xmlns:p='urn:a'><p:b/><b/></p:a>", "<a xmlns=\"urn:a\"><b/><b xmlns=\"\"/></a>")]
    [InlineData("<a xmlns='urn:a'><b xmlns='urn:b'><c/></b><d/></a>", "<a xmlns=\"urn:a\"><b xmlns=\"urn:b\"><c/></b><d/></a>")]
    [InlineData("<a xmlns='urn:a' xmlns:x='urn:x' x:b='1' b='2'/>", "<a xmlns=\"urn:a\" xmlns:a0=\"urn:x\" a0:b=\"1\" b=\"2\"/>")]
    [InlineData("<a xmlns='urn:a' xml:lang='en'>x</a>", "<a xmlns=\"urn:a\" xml:lang=\"en\">x</a>")]
    [InlineData("<a xmlns='urn:a'>&lt;&amp;&#65;&#x1F44D;&apos;</a>", "<a xmlns=\"urn:a\">&lt;&amp;A👍'</a>")]
    [InlineData("<a xmlns='urn:a'><![CDATA[<x>&]]]]></a>", "<a xmlns=\"urn:a\">&lt;x>&amp;]]</a>")]
    [InlineData("<a xmlns='urn:a' b='x\ny\tz'>l1\r\nl2</a>", "<a xmlns=\"urn:a\" b=\"x y z\">l1\nl2</a>")]
    [InlineData("<a xmlns='urn:a' b = \"it's\" ></a >", "<a xmlns=\"urn:a\" b=\"it's\"/>")]
    [InlineData(" <é xmlns='urn:a'/> ", "<é xmlns=\"urn:a\"/>")]
    public void TryParse_WellFormed_IsWrittenWithLiteralNamespaces(string text, string expected)
    {
        Assert.True(XmppParser.TryParse(text, out var element, out var error), error.ToString());
        Assert.Equal(expected, element.ToString());
    }

    [Theory]
    [InlineData("", XmppParseError.NotWellFormed)]
    [InlineData("x", XmppParseError.NotWellFormed)]
    [InlineData("<a", XmppParseError.NotWellFormed)]
    [InlineData("<a>", XmppParseError.NotWellFormed)]
    [InlineData("<a></b>", XmppParseError.NotWellFormed)]
    [InlineData("<a></ab>", XmppParseError.NotWellFormed)]
    [InlineData("<a/><b/>", XmppParseError.NotWellFormed)]
    [InlineData("<a/>x", XmppParseError.NotWellFormed)]
    [InlineData("<a b='1' b='2'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a b='1'c='2'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a b=1/>", XmppParseError.NotWellFormed)]
    [InlineData("<a b='<'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a>]]></a>", XmppParseError.NotWellFormed)]
    [InlineData("<a>&amp</a>", XmppParseError.NotWellFormed)]
    [InlineData("<a>&#0;</a>", XmppParseError.NotWellFormed)]
    [InlineData("<a>&#xD800;</a>", XmppParseError.NotWellFormed)]
    [InlineData("<a>\u0001</a>", XmppParseError.NotWellFormed)]
    [InlineData("<a>\uFFFF</a>", XmppParseError.NotWellFormed)]
    [InlineData("<p:a/>", XmppParseError.NotWellFormed)]
    [InlineData("<a p:b='1'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a xmlns:p=''/>", XmppParseError.NotWellFormed)]
    [InlineData("<a xmlns:xml='urn:x'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>", XmppParseError.NotWellFormed)]
    [InlineData("<1a/>", XmppParseError.NotWellFormed)]
    [InlineData("<a\uFFFD/>", XmppParseError.NotWellFormed)]
    [InlineData("<a \uFFFDb='1'/>", XmppParseError.NotWellFormed)]
    [InlineData("<\U00010000/>", XmppParseError.NotWellFormed)]
    [InlineData("<a:b:c xmlns:a='urn:a'/>", XmppParseError.NotWellFormed)]
    [InlineData("<!-- c --><a/>", XmppParseError.RestrictedXml)]
    [InlineData("<a><!-- c --></a>", XmppParseError.RestrictedXml)]
    [InlineData("<a><?pi?></a>", XmppParseError.RestrictedXml)]
    [InlineData("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", XmppParseError.RestrictedXml)]
    [InlineData("<a>&nbsp;</a>", XmppParseError.RestrictedXml)]
    public void TryParse_Bad_SaysWhy(string text, XmppParseError expected)
    {
        Assert.False(XmppParser.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void TryParse_LoneSurrogate_IsNotWellFormed()
    {
        Assert.False(XmppParser.TryParse("<a>" + '\uD83D' + "</a>", out _, out var error));
        Assert.Equal(XmppParseError.NotWellFormed, error);
    }

    [Theory]
    [InlineData(XmppLimits.Depth, true)]
    [InlineData(XmppLimits.Depth + 1, false)]
    public void TryParse_Nesting_IsBounded(int depth, bool expected)
    {
        var text = string.Concat(Enumerable.Repeat("<a>", depth)) + "x" + string.Concat(Enumerable.Repeat("</a>", depth));
        Assert.Equal(expected, XmppParser.TryParse(text, out _, out var error));
        Assert.Equal(expected ? XmppParseError.None : XmppParseError.TooDeep, error);
    }

    [Fact]
    public void TryParse_TooManyElementsOrAttributes_IsBounded()
    {
        Assert.False(XmppParser.TryParse("<a>" + string.Concat(Enumerable.Repeat("<b/>", XmppLimits.Nodes)) + "</a>", out _, out var elements));
        Assert.Equal(XmppParseError.TooManyNodes, elements);
        var attributes = string.Concat(Enumerable.Range(0, XmppLimits.AttributesOfElement + 1).Select(i => $" a{i}=''"));
        Assert.False(XmppParser.TryParse($"<a{attributes}/>", out _, out var error));
        Assert.Equal(XmppParseError.TooManyNodes, error);
    }

    [Theory]
    [InlineData("<a xmlns:p='urn:p' p:xmlns='x'/>", XmppParseError.ReservedName)]
    [InlineData("<a xml:xmlns='x'/>", XmppParseError.ReservedName)]
    [InlineData("<a xmlns:stream='urn:x' xmlns:stream='http://etherx.jabber.org/streams'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a xmlns:stream='http://etherx.jabber.org/streams' xmlns:stream='http://etherx.jabber.org/streams'/>", XmppParseError.NotWellFormed)]
    [InlineData("<a xmlns='urn:a' xmlns='urn:b'/>", XmppParseError.NotWellFormed)]
    public void TryParse_AttributeThatReadsLikeADeclaration_IsRefused(string text, XmppParseError expected)
    {
        Assert.False(XmppParser.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void TryParse_NamespacesAndPrefixes_AreBounded()
    {
        static XmppParseError ErrorOf(string text) => XmppParser.TryParse(text, out _, out var error) ? XmppParseError.None : error;
        static string Many(int count, Func<int, string> one) => string.Concat(Enumerable.Range(0, count).Select(one));

        foreach (var declaration in (string[])["xmlns", "xmlns:p"])
        {
            Assert.Equal(XmppParseError.None, ErrorOf($"<a {declaration}='{new string('u', XmppLimits.NamespaceCharacters)}'/>"));
            Assert.Equal(XmppParseError.NamespaceTooLong, ErrorOf($"<a {declaration}='{new string('u', XmppLimits.NamespaceCharacters + 1)}'/>"));
        }

        Assert.Equal(XmppParseError.NamespaceTooLong, ErrorOf($"<a xmlns:{new string('p', XmppLimits.PrefixCharacters + 1)}='u'/>"));
        foreach (var (limit, document) in ((int, Func<int, string>)[])
        [
            (XmppLimits.Prefixes, count => $"<a{Many(count, i => $" xmlns:p{i}='u'")}/>"),
            (XmppLimits.Prefixes, count => $"<a>{Many(count, i => $"<b xmlns:p='u{i}'/>")}</a>"),
            (XmppLimits.PrefixedAttributes, count => $"<a xmlns:p='u'>{Many(count, i => $"<b p:c='{i}'/>")}</a>"),
        ])
        {
            Assert.Equal(XmppParseError.None, ErrorOf(document(limit)));
            Assert.Equal(XmppParseError.TooManyPrefixes, ErrorOf(document(limit + 1)));
            Assert.Equal(XmppParseError.TooManyPrefixes, ErrorOf(document(4_000)));
        }

        // What clients write: an own default on every element, and the stream's prefix.
        Assert.Equal(XmppParseError.None, ErrorOf($"<a>{Many(1_000, i => $"<b xmlns='u{i}' xmlns:stream='http://etherx.jabber.org/streams'/>")}</a>"));
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client' to='a@b'><body>it's &lt;fine&gt; &amp; well</body><x xmlns='urn:x' a=\"{&quot;b&quot;:1}\"/></message>", 20)]
    [InlineData("<iq xmlns='jabber:client'><a xmlns='urn:a'><b/><c xmlns='urn:c'/></a></iq>", 0)]
    [InlineData("<p:a xmlns:p='urn:a'><p:b/><b/></p:a>", 40)]
    [InlineData("<a xmlns='u' b='\"\"\"'>&#34;<![CDATA[<&>]]>&gt;]]&gt;</a>", 80)]
    public void Growth_TellsAtLeastHowMuchLongerTheWrittenElementIs(string text, long most)
    {
        Assert.True(XmppParser.TryParse(text, out var element, out _, out var growth));
        var written = Encoding.UTF8.GetByteCount(element.ToString());
        Assert.Equal(written, XmppSerializer.Measure(element));
        Assert.InRange(growth, written - Encoding.UTF8.GetByteCount(text), most);
    }

    [Property(MaxTest = 300)]
    public Property Measuring_is_writing() => Prop.ForAll(Elements.Any().ToArbitrary(), element => XmppSerializer.Measure(element) == Encoding.UTF8.GetByteCount(element.ToString()));

    [Property(MaxTest = 300)]
    public Property Writing_and_parsing_gives_the_same_element() => Prop.ForAll(Elements.Any().ToArbitrary(), element =>
    {
        var text = element.ToString();
        return XmppParser.TryParse(text, out var parsed, out _) && parsed.ToString() == text && Elements.Same(element, parsed);
    });

    [Property(MaxTest = 300)]
    public Property The_parser_reads_what_XmlReader_reads() => Prop.ForAll(Elements.Any().ToArbitrary(), element =>
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(element.ToString());
        return Elements.Same(element, Elements.Of(document.DocumentElement!));
    });

    [Property(MaxTest = 300)]
    public Property A_split_stanza_is_the_stanza() => Prop.ForAll(Elements.Any().ToArbitrary(), element =>
    {
        // Stream elements are never split: their prefix is literal.
        if (element.Namespace == Namespaces.Streams) return true;
        element["to"] = "a@b/c'&<";
        var (head, tail) = XmppSerializer.WriteSplit(element);
        var joined = head + XmppSerializer.EscapeAttribute("a@b/c'&<") + tail;
        return XmppParser.TryParse(joined, out var parsed, out _) && parsed["to"] == "a@b/c'&<" && Elements.SameContent(element, parsed);
    });

    [Fact]
    public void Write_CharacterThatNoXmlHolds_IsReplaced()
    {
        var element = new XmppElement("a", "urn:a", ("b", "x\u0000y")).AddText("\u0001\uFFFE");
        Assert.True(XmppParser.TryParse(element.ToString(), out var parsed, out _));
        Assert.Equal("x\uFFFDy", parsed["b"]);
    }
}
