using JitsiMesh.Focus.Offers;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Offers;

public class CapsHashTests
{
    private static readonly string[] Honest =
    [
        "http://jabber.org/protocol/caps", "http://jitsi.org/json-encoded-sources", "http://jitsi.org/tcc", "https://jitsi.org/meet/e2ee", "urn:ietf:rfc:4588", "urn:xmpp:jingle:apps:rtp:audio",
        "urn:xmpp:jingle:apps:rtp:video", "urn:xmpp:jingle:transports:dtls-sctp:1",
    ];

    private static XmppElement Query(IEnumerable<string> features, params XmppElement[] others)
    {
        var query = new XmppElement("query", Namespaces.DiscoInfo);
        foreach (var other in others) query.Add(other);
        foreach (var feature in features) query.Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", feature)));
        return query;
    }

    private static XmppElement Identity(string? category, string? type, string? name, string? language = null)
    {
        var identity = new XmppElement("identity", Namespaces.DiscoInfo, ("category", category), ("type", type), ("name", name));
        if (language is not null) identity.Set("lang", language, Namespaces.Xml);
        return identity;
    }

    private static XmppElement Form(string type, params string[] fields)
    {
        XmppElement Field(string name, string? value, string? kind)
        {
            var field = new XmppElement("field", Namespaces.DataForm, ("var", name), ("type", kind));
            return value is null ? field : field.Add(new XmppElement("value", Namespaces.DataForm).AddText(value));
        }

        var form = new XmppElement("x", Namespaces.DataForm, ("type", "result")).Add(Field("FORM_TYPE", type, "hidden"));
        foreach (var field in fields) form.Add(Field(field, null, null));
        return form;
    }

    /// <summary>XEP-0115 section 5.2: the simple example.</summary>
    [Fact]
    public void TryCompute_OfTheXepsExample_IsItsVer()
    {
        var query = XmppParser.Parse("""
            <query xmlns='http://jabber.org/protocol/disco#info' node='http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0='>
              <identity category='client' name='Exodus 0.9.1' type='pc'/>
              <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>
              <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>
            </query>
            """);
        Assert.True(CapsHash.TryCompute(query, out var hash));
        Assert.Equal("QgayPKawpkPSDYmwT/WM94uAlu0=", hash);
        Assert.True(CapsHash.IsHash(hash));
    }

    [Fact]
    public void TryCompute_OfAClientWithoutIdentity_IsThatOfItsFeatures() => Assert.True(CapsHash.TryCompute(Query(Honest), out _));

    public static TheoryData<string, XmppElement> IllFormed => new()
    {
        { "a separator in the name", Query(Honest, Identity("client", "web", "x<urn:a")) },
        { "a separator in the category", Query(Honest, Identity("client<", "web", "x")) },
        { "a separator in the type", Query(Honest, Identity("client", "web<", "x")) },
        { "a separator in the language", Query(Honest, Identity("client", "web", "x", "en<")) },
        { "a separator in a feature", Query([.. Honest, "urn:a<urn:b"]) },
        { "a slash in the category", Query(Honest, Identity("client/web", "x", "y")) },
        { "a slash in the language", Query(Honest, Identity("client", "web", "y", "en/x")) },
        { "no category", Query(Honest, Identity("", "web", "x")) },
        { "no type", Query(Honest, Identity("client", null, "x")) },
        { "an address as identity", Query(Honest, Identity("http:", "", "tcc", "jitsi.org")) },
        { "an identity twice", Query(Honest, Identity("client", "web", "x"), Identity("client", "web", "x")) },
        { "a feature twice", Query([.. Honest, Honest[0]]) },
        { "an empty feature", Query([.. Honest, ""]) },
        { "a form", Query(Honest, Form("urn:xmpp:dataforms:softwareinfo", "os")) },
        { "a form without a type", Query(Honest, new XmppElement("x", Namespaces.DataForm)) },
        { "too many features", Query(Enumerable.Range(0, FocusLimits.Features + 1).Select(i => $"urn:x:{i}")) },
    };

    [Theory]
    [MemberData(nameof(IllFormed))]
    public void TryCompute_OfWhatIsNotWellFormed_HasNoHash(string what, XmppElement query) => Assert.False(CapsHash.TryCompute(query, out _), what);

    /// <summary>The same text can be cut into identities, features and forms in many ways; none may pass that gives other features.</summary>
    [Fact]
    public void Whoever_cuts_the_same_text_differently_gets_no_other_features_into_the_cache()
    {
        const ulong seed = 20261203;
        var random = new SeededRandomSource(seed);
        var honest = Query(Honest, Identity("client", "web", "JitsiMeet"));
        Assert.True(CapsHash.TryCompute(honest, out var expected));
        string[] parts = ["client/web//JitsiMeet", .. Honest.Order(StringComparer.Ordinal)];
        var passed = 0;
        for (var round = 0; round < 4_000; round++)
        {
            // The first few parts as identities, the last few as a form, neighbours glued together with their separator.
            var identities = random.NextInt(parts.Length);
            var form = random.NextInt(parts.Length - identities + 1);
            var glue = random.NextInt(3) == 0;
            var query = new XmppElement("query", Namespaces.DiscoInfo);
            foreach (var part in Glued(parts[..identities], glue && random.NextInt(2) == 0)) query.Add(AsIdentity(part));
            foreach (var part in Glued(parts[identities..^form], glue)) query.Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", part)));
            if (form > 0) query.Add(Form(parts[^form], parts[^form..][1..]));
            if (!CapsHash.TryCompute(query, out var hash)) continue;
            Assert.True(hash != expected || ParticipantFeatureNames.Read(query) == ParticipantFeatureNames.Read(honest), $"seed {seed}, round {round}: {query}");
            if (hash == expected) passed++;
        }

        Assert.InRange(passed, 1, 4_000);
    }

    [Fact]
    public void Read_UnknownFeatures_ArePassedOver() =>
        Assert.Equal(ParticipantFeatures.Audio | ParticipantFeatures.JsonSources, ParticipantFeatureNames.Read(Query(["urn:xmpp:jingle:apps:rtp:audio", "http://jitsi.org/json-encoded-sources", "x"])));

    [Theory]
    [InlineData()]
    [InlineData("http://jitsi.org/json-encoded-sources")]
    [InlineData("urn:ietf:rfc:4588", "urn:xmpp:jingle:1")]
    public void Read_WithoutAnythingToOffer_IsJicofosDefault(params string[] features) =>
        Assert.Equal(ParticipantFeatures.Default, ParticipantFeatureNames.Read(Query(features)) & ParticipantFeatures.Default);

    [Theory]
    [InlineData("v-8")]
    [InlineData("")]
    [InlineData("QgayPKawpkPSDYmwT/WM94uAlu0")]
    [InlineData("QgayPKawpkPSDYmwT/WM94uAlu0= ")]
    [InlineData("QgayPKawpkPSDYmwT#WM94uAlu0=")]
    public void IsHash_OfSomethingElse_IsFalse(string text) => Assert.False(CapsHash.IsHash(text));

    private static IEnumerable<string> Glued(string[] parts, bool glue) => glue && parts.Length > 1 ? [string.Join('<', parts)] : parts;

    private static XmppElement AsIdentity(string text)
    {
        var cut = text.Split('/', 4);
        return Identity(cut[0], cut.ElementAtOrDefault(1) ?? "", cut.ElementAtOrDefault(3) ?? "", cut.ElementAtOrDefault(2) ?? "");
    }
}
