using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>Each request gets one answer, and what is no request changes nothing that it should not.</summary>
public class AnswerTests
{
    private readonly FocusScenario _scenario = new();

    public static TheoryData<string> Requests =>
    [
        "<jibri xmlns='http://jitsi.org/protocol/jibri' action='start'/>", "<dial xmlns='urn:xmpp:rayo:1' to='sip:x'/>", "<conference xmlns='http://jitsi.org/protocol/focus'/>",
        "<conference xmlns='http://jitsi.org/protocol/focus' room='standup@conference.meet.example'/>", "<logout xmlns='http://jitsi.org/protocol/focus'/>", "<login-url xmlns='http://jitsi.org/protocol/focus'/>",
        "<query xmlns='http://jabber.org/protocol/disco#info'/>", "<query xmlns='http://jabber.org/protocol/disco#items'/>", "<ping xmlns='urn:xmpp:ping'/>", "<mute xmlns='http://jitsi.org/jitmeet/audio'/>",
        "<mute xmlns='http://jitsi.org/jitmeet/taste' jid='x'>true</mute>", "<jingle xmlns='urn:xmpp:jingle:1'/>", "<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='x'/>", "<x xmlns='urn:x'/>",
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public void Every_request_is_answered_once_and_nothing_else_is(string payload)
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        foreach (var type in new[] { "get", "set" }) Assert.Equal(1, _scenario.Send("ann", Stanzas.Iq(type, "", null, XmppParser.Parse(payload))).Answers);
        foreach (var type in new[] { "result", "error", "dance", "" }) Assert.Equal(0, _scenario.Send("ann", Stanzas.Iq(type, "", null, XmppParser.Parse(payload))).Answers);
        Assert.Equal(0, _scenario.Send("ann", Stanzas.Message("chat", null).Add(XmppParser.Parse(payload))).Answers);
    }

    [Fact]
    public void A_login_that_is_over_is_checked()
    {
        _scenario.Join("ann");
        const string good = "ticket";
        _scenario.Tickets[good] = SessionTicket.Of(good, "ann@meet.example", "m", _scenario.Now + TimeSpan.FromHours(1));
        Assert.Equal("", _scenario.Error(_scenario.Ask("ann", new XmppElement("logout", Namespaces.Focus, ("session-id", good)))));
        var refused = _scenario.Ask("ann", new XmppElement("logout", Namespaces.Focus, ("session-id", "x" + good)));
        Assert.Equal("not-acceptable", _scenario.Error(refused));
        Assert.NotNull(refused!.Child("error")!.Child("session-invalid", Namespaces.Focus));
    }

    [Theory]
    [InlineData(false, false, "standup@conference.meet.example", "m", "service-unavailable")]
    [InlineData(true, false, "standup@conference.meet.example", "m", "")]
    [InlineData(true, true, "standup@conference.meet.example", "m", "")]
    [InlineData(true, false, null, "m", "not-acceptable")]
    [InlineData(true, false, "standup@conference.meet.example", " ", "bad-request")]
    public void Where_to_log_in_is_told(bool required, bool external, string? room, string machine, string error)
    {
        var options = new FocusOptions { AuthenticationRequired = required, ExternalAuthentication = external };
        var iq = Stanzas.Iq("get", "1", "focus.meet.example", new XmppElement("login-url", Namespaces.Focus, ("room", room), ("machine-uid", machine)), "ann@meet.example/web");
        var answer = FocusLogin.TryAnswer(iq, options, ended: null)!;
        Assert.Equal(error, answer["type"] == "error" ? StanzaError.Read(answer).Condition : "");
        if (error.Length == 0) Assert.Equal(external ? null : ".%2Fstandup%3Flogin%3Dtrue", answer.Child("login-url")!["url"]);
    }

    [Theory]
    [InlineData("stand%20up", "https://meet.example/oidc/login?room=stand%2520up")]
    [InlineData("[acme]standup", "https://meet.example/oidc/login?room=standup&tenant=acme")]
    public void Where_auth_logs_people_in_by_a_provider_its_page_is_told(string local, string page)
    {
        var options = new FocusOptions { AuthenticationRequired = true, ExternalAuthentication = true, ExternalLogin = "https://meet.example/oidc/login" };
        var room = $"{local}@conference.meet.example";
        var iq = Stanzas.Iq("get", "1", "focus.meet.example", new XmppElement("login-url", Namespaces.Focus, ("room", room), ("machine-uid", "m")), "ann@meet.example/web");
        Assert.Equal(page, Uri.UnescapeDataString(FocusLogin.TryAnswer(iq, options, ended: null)!.Child("login-url")!["url"]!));
    }

    [Theory]
    [InlineData("logout")]
    [InlineData("login-url")]
    [InlineData("conference")]
    public void A_presence_is_read_whatever_stands_in_it(string name)
    {
        _scenario.Join("ann");
        _scenario.Join("bob", configure: client => client.Extras.Add(new XmppElement(name, Namespaces.Focus, ("room", FocusScenario.Room))));
        Assert.NotNull(_scenario.Conference.Document.Find("bob"));
        _scenario.Leave("bob");
        Assert.Null(_scenario.Conference.Document.Find("bob"));
    }

    /// <summary>One that announces another's hash and answers something that hashes alike costs itself alone.</summary>
    [Fact]
    public void Nobody_chooses_the_features_of_others()
    {
        var honest = new FakeClient("ann");
        var parts = honest.Features.Order(StringComparer.Ordinal).ToArray();
        XmppElement[] poisons =
        [
            new XmppElement("query", Namespaces.DiscoInfo).Add(new XmppElement("identity", Namespaces.DiscoInfo, ("category", "http:"), ("type", ""), ("name", string.Join('<', parts)["http:///".Length..]))),
            new XmppElement("query", Namespaces.DiscoInfo).Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", string.Join('<', parts)))),
            Form(parts),
        ];
        for (var i = 0; i < poisons.Length; i++)
        {
            _scenario.Join("mal" + i, configure: client =>
            {
                client.AnnouncesCaps = true;
                client.DiscoAnswer = poisons[i];
            });
        }

        Assert.Empty(_scenario.Caps);
        _scenario.Join("ann", configure: client => client.AnnouncesCaps = true);
        Assert.Single(_scenario.Caps);
        // Now it is known, and the next of its kind need not be asked.
        _scenario.Join("bob", configure: client =>
        {
            client.AnnouncesCaps = true;
            client.AnswersDisco = false;
        });
        foreach (var nick in new[] { "ann", "bob" }) Assert.Equal(["audio", "video"], _scenario[nick].LastInitiate.Contents.Select(content => content.Name));
        Assert.Equal(_scenario.Conference.Document.Find("ann")!.Features, _scenario.Conference.Document.Find("bob")!.Features);
    }

    [Theory]
    [InlineData()]
    [InlineData("urn:xmpp:jingle:1")]
    [InlineData("urn:ietf:rfc:4588", "http://jitsi.org/json-encoded-sources")]
    public void A_client_that_names_nothing_gets_jicofos_default_offer(params string[] features)
    {
        _scenario.Join("ann");
        _scenario.Join("bob", features);
        Assert.Equal(["audio", "video"], _scenario["bob"].LastInitiate.Contents.Select(content => content.Name));
    }

    [Fact]
    public void A_client_to_which_nothing_can_be_offered_is_not_invited()
    {
        _scenario.Join("ann");
        _scenario.Join("bob", ["urn:xmpp:jingle:transports:dtls-sctp:1"]);
        Assert.Equal(0, _scenario["bob"].Count(Jingle.JingleAction.SessionInitiate));
        Assert.Single(_scenario["ann"].LiveSids);
        _scenario.Bridge.Sctp = true;
        _scenario.Join("cid", ["urn:xmpp:jingle:transports:dtls-sctp:1"]);
        Assert.Equal(["data"], _scenario["cid"].LastInitiate.Contents.Select(content => content.Name));
    }

    private static XmppElement Form(string[] parts)
    {
        var form = new XmppElement("x", Namespaces.DataForm, ("type", "result"));
        form.Add(new XmppElement("field", Namespaces.DataForm, ("var", "FORM_TYPE"), ("type", "hidden")).Add(new XmppElement("value", Namespaces.DataForm).AddText(parts[0])));
        foreach (var part in parts[1..]) form.Add(new XmppElement("field", Namespaces.DataForm, ("var", part)));
        return new XmppElement("query", Namespaces.DiscoInfo).Add(form);
    }
}
