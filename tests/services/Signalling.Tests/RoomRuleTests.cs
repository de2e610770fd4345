using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What a participant may not pass for, change or find out.</summary>
public sealed class RoomRuleTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Forbidden = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

    [Theory]
    [InlineData("jvb")]
    [InlineData("JVB")]
    [InlineData("Jvb")]
    [InlineData("ｊｖｂ")]
    [InlineData("focus")]
    [InlineData("FOCUS")]
    [InlineData("ｆocus")]
    [InlineData("mixer")]
    [InlineData("Mixer2")]
    [InlineData("mixedmslabel")]
    [InlineData("mixedlabelaudio0")]
    [InlineData("transcriber")]
    [InlineData("Transcriber")]
    public void Nicks_of_services_are_for_services(string nick)
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Connects();
        ann.Forgets();
        mallory.Sends($"<presence to='{Call}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        mallory.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        ann.ReceivesNothing();
    }

    [Theory]
    [InlineData("meet.jitsi", "deadbeef", true)]
    [InlineData("meet.jitsi", "jvb1", true)]
    [InlineData("meet.jitsi", "focusgroup", true)]
    [InlineData("hidden.meet.jitsi", "recorder", true)]
    [InlineData("hidden.meet.jitsi", "transcriber", true)]
    [InlineData("hidden.meet.jitsi", "jvb", false)]
    [InlineData("auth.meet.jitsi", "jigasi1", true)]
    public void Recorders_transcribers_gateways_and_people_have_theirs(string host, string nick, bool allowed)
    {
        var world = new World { Admission = new AnyAccount() };
        world.Focus.Enters(Call);
        var client = world.Connects(host: host);
        client.Sends($"<presence to='{Call}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        Assert.Equal(allowed, world.Room(Call).ByNick(nick) is not null);
    }

    [Fact]
    public void One_who_was_let_in_does_not_let_in_others()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Sends($"<iq type='set' id='m' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='{bob.BareJid}'/></query></iq>");
        string Invitation(string to) => $"<message to='{Call}' id='i'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='{to}'/></x></message>";
        foreach (var lobby in (bool[])[false, true])
        {
            if (lobby) ann.Sends($"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
            var knocker = world.Connects();
            if (lobby) knocker.Joins("call@lobby.meet.jitsi", extra: "<nick xmlns='http://jabber.org/protocol/nick'>Kim</nick>");
            knocker.Forgets();
            bob.Forgets();
            bob.Sends(Invitation(knocker.FullJid));
            bob.Receives($"<message type='error' id='i'>{Forbidden}</message>");
            knocker.ReceivesNothing();
            Assert.Equal("none", world.Room(Call).AffiliationOf(knocker.Session.Info));
            ann.Sends(Invitation(knocker.FullJid));
            Assert.Equal("member", world.Room(Call).AffiliationOf(knocker.Session.Info));
        }
    }

    [Theory]
    [InlineData("type='groupchat' to='{0}'", "<subject>S</subject>", true)]
    [InlineData("type='groupchat' to='{0}'", "<body>b</body><subject>S</subject>", false)]
    [InlineData("type='groupchat' to='{0}'", "<subject>S</subject><body/>", false)]
    [InlineData("type='groupchat' to='{0}'", "<subject xmlns='urn:x'>S</subject><x xmlns='urn:y'/>", false)]
    [InlineData("type='groupchat' to='{0}'", "<json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"x\"}}</json-message><subject xmlns='urn:x'>S</subject>", false)]
    [InlineData("to='{0}'", "<subject>S</subject>", true)]
    [InlineData("type='chat' to='{0}'", "<subject>S</subject>", true)]
    [InlineData("type='headline' to='{0}'", "<subject>S</subject>", true)]
    [InlineData("type='chat' to='{0}/{1}'", "<subject>S</subject>", true)]
    [InlineData("type='chat' to='{0}/{1}'", "<body>b</body><subject>S</subject>", false)]
    [InlineData("to='{0}/{1}'", "<subject>S</subject>", true)]
    [InlineData("type='normal' to='{0}/{1}'", "<subject xmlns='urn:x'>S</subject>", true)]
    [InlineData("type='groupchat' to='{0}/{1}'", "<subject>S</subject>", true)]
    public void A_participant_does_not_change_the_title_in_any_way(string addresses, string content, bool refused)
    {
        var world = new World();
        var (ann, bob) = (world.Enters(), world.Enters());
        ann.Forgets();
        bob.Forgets();
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        bob.Sends($"<message id='s' {string.Format(culture, addresses, Call, ann.Nick)}>{string.Format(culture, content)}</message>");
        if (refused) bob.Receives("<message type='error' id='s'/>");
        else ann.Receives("<message id='s' missing='subject'/>");
        Assert.DoesNotContain(ann.Frames, frame => frame.Contains(">S<", StringComparison.Ordinal));
        Assert.Null(world.Room(Call).Configuration.Subject);
        Assert.Equal("", world.Enters().Eventually("<message><subject/></message>").Child("subject")!.Text);
    }

    [Theory]
    [InlineData("<iq type='get' id='q' to='{0}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")]
    [InlineData("<iq type='get' id='q' to='{0}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")]
    [InlineData("<iq type='get' id='q' to='{0}/somebody'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")]
    [InlineData("<iq type='get' id='q' to='{0}/focus'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")]
    [InlineData("<iq type='get' id='q' to='{0}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>")]
    [InlineData("<iq type='set' id='q' to='{0}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='focus' role='none'/></query></iq>")]
    [InlineData("<iq type='set' id='q' to='{0}'><ping xmlns='urn:xmpp:ping'/></iq>")]
    [InlineData("<message type='groupchat' id='q' to='{0}'><body>x</body></message>")]
    [InlineData("<message type='chat' id='q' to='{0}/focus'><body>x</body></message>")]
    [InlineData("<message id='q' to='polls.meet.jitsi'><x room='{0}'/></message>")]
    [InlineData("<presence type='unavailable' to='{0}/somebody'/>")]
    public void Which_rooms_there_are_is_not_told_to_strangers(string stanza)
    {
        var world = new World();
        world.Enters("there@muc.meet.jitsi");
        string Asks(string room)
        {
            var client = world.Connects("there");
            client.Sends(string.Format(System.Globalization.CultureInfo.InvariantCulture, stanza, room));
            return string.Join('\n', client.Inbox).Replace(room, "ROOM", StringComparison.Ordinal).Replace(client.FullJid, "ME", StringComparison.Ordinal);
        }

        Assert.Equal(Asks("there@muc.meet.jitsi"), Asks("nowhere@muc.meet.jitsi"));
    }

    [Fact]
    public void Passwords_are_not_guessed_at_speed_by_a_session()
    {
        var world = new World();
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        Locks(ann);
        var mallory = world.Connects();
        var told = 0;
        for (var i = 0; i < 200; i++)
        {
            mallory.Forgets();
            mallory.Joins(Call, password: $"guess{i}");
            if (StanzaError.Read(Assert.Single(mallory.Inbox)).Condition == "not-authorized") told++;
            world.Passes(TimeSpan.FromMilliseconds(50));
        }

        Assert.InRange(told, 1, SignallingLimits.PasswordTryBurst + 3);
        // The right one in time of penance is not told from a wrong one.
        mallory.Forgets();
        mallory.Joins(Call, password: "right");
        mallory.Receives("<presence type='error'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        // Others are not kept out, and after a while neither is this one.
        var bob = world.Connects();
        bob.Joins(Call, password: "right");
        Assert.NotNull(world.Room(Call).ByNick(bob.Nick));
        world.Passes(TimeSpan.FromMinutes(2));
        mallory.Joins(Call, password: "right");
        Assert.NotNull(world.Room(Call).ByNick(mallory.Nick));
    }

    [Fact]
    public void Nor_by_many_sessions_of_one_address()
    {
        var world = new World();
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        Locks(ann);
        var told = 0;
        for (var i = 0; i < 600; i++)
        {
            var mallory = world.Connects(address: "a1");
            mallory.Joins(Call, password: $"guess{i}");
            if (StanzaError.Read(Assert.Single(mallory.Inbox)).Condition == "not-authorized") told++;
            world.Passes(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(told, 1, SignallingLimits.AddressFirstPasswordTryBurst + 20);
        var bob = world.Connects(address: "b2");
        bob.Joins(Call, password: "right");
        Assert.NotNull(world.Room(Call).ByNick(bob.Nick));
    }

    [Fact]
    public void Sessions_that_guess_keep_nobody_out_behind_their_address()
    {
        var world = new World();
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        Locks(ann);
        var told = 0;
        for (var i = 0; i < 20; i++)
        {
            var mallory = world.Connects(address: "a1");
            for (var guess = 0; guess < SignallingLimits.PasswordTryBurst; guess++)
            {
                mallory.Forgets();
                mallory.Joins(Call, password: $"guess{guess}");
                if (StanzaError.Read(Assert.Single(mallory.Inbox)).Condition == "not-authorized") told++;
            }
        }

        // Each session's first, and what the address has for the others.
        Assert.InRange(told, 20, 20 + SignallingLimits.AddressPasswordTryBurst + 1);
        var bob = world.Connects(address: "a1");
        bob.Joins(Call, password: "right");
        Assert.NotNull(world.Room(Call).ByNick(bob.Nick));
    }

    [Fact]
    public void Credentials_are_given_so_often_and_no_oftener()
    {
        var world = new World(options => options.ExternalServices.Add(new ExternalServiceOptions { Host = "turn.example" }));
        var ann = world.Connects();
        var given = 0;
        for (var i = 0; i < 50; i++)
        {
            ann.Forgets();
            ann.Sends("<iq type='get' id='t' to='meet.jitsi'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
            if (Assert.Single(ann.Inbox)["type"] == "result") given++;
            else ann.Receives("<iq type='error' id='t'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        }

        Assert.Equal(SignallingLimits.CredentialRequestBurst, given);
        world.Passes(TimeSpan.FromSeconds(30));
        ann.Forgets();
        ann.Sends("<iq type='get' id='t' to='meet.jitsi'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
        ann.Receives("<iq type='result' id='t'/>");
    }

    private static void Locks(Client moderator) =>
        moderator.Sends($"<iq type='set' id='pw' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_roomsecret'><value>right</value></field><field var='muc#roomconfig_passwordprotectedroom'><value>1</value></field></x></query></iq>");

    private sealed class AnyAccount : Sessions.IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<Sessions.AdmissionResult> AdmitAsync(Sessions.AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult<Sessions.AdmissionResult>(new Sessions.AdmissionResult.Admitted("account", SessionContext.Empty));
    }
}
