using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Disco, configuration, administration, IQs between occupants (signalling reference, sections 4.6 to 4.12).</summary>
public sealed class RoomTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void The_description_is_for_occupants_and_names_the_meeting()
    {
        var world = new World();
        var ann = world.Enters();
        ann.Forgets();
        ann.Sends($"<iq type='get' id='d' to='{Call}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var info = DiscoInfo.Read(ann.Receives("<iq type='result' id='d' from='call@muc.meet.jitsi'/>").Child("query"))!;
        Assert.Empty(((string[])["muc_unsecured", "muc_open", "muc_nonanonymous", "muc_hidden", "muc_temporary", "muc_unmoderated"]).Except(info.Features));
        var form = Assert.Single(info.Forms);
        Assert.Matches("^[0-9a-f-]{36}$", form["muc#roominfo_meetingId"]!);
        // When the second one came, focus counted.
        Assert.Equal(world.Now.Utc.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), form["muc#roominfo_created_timestamp"]);
        Assert.Null(form.Field("muc#roominfo_isbreakout"));

        var stranger = world.Connects();
        stranger.Sends($"<iq type='get' id='d' to='{Call}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        stranger.Receives("<iq type='error' id='d'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact]
    public void A_password_is_set_by_a_moderator_announced_with_104_and_asked_of_joiners()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        bob.Forgets();
        const string Submission = "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_roomsecret'><value>pw</value></field><field var='muc#roomconfig_passwordprotectedroom'><value>1</value></field><field var='muc#roomconfig_whois'><value>anyone</value></field></x></query>";
        bob.Sends($"<iq type='set' id='n' to='{Call}'>{Submission}</iq>");
        bob.Receives("<iq type='error' id='n'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends($"<iq type='get' id='f' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        var form = DataForm.Read(ann.Receives("<iq type='result' id='f'/>").Child("query")!.Child("x"))!;
        Assert.All((string[])["muc#roomconfig_roomsecret", "muc#roomconfig_membersonly", "muc#roomconfig_whois"], field => Assert.NotNull(form.Field(field)));
        ann.Sends($"<iq type='set' id='s' to='{Call}'>{Submission}</iq>");
        ann.Receives("<iq type='result' id='s'/>");
        bob.Receives($"<message type='groupchat' from='{Call}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>");

        var cid = world.Connects();
        cid.Joins(Call);
        cid.Receives($"<presence type='error' from='{Call}/{cid.Nick}'><error type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        cid.Joins(Call, password: "pw");
        cid.Eventually($"<presence from='{Call}/{cid.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        // Absent fields keep their value: members-only alone does not unlock.
        ann.Forgets();
        ann.Sends($"<iq type='set' id='m' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field><field var='muc#roomconfig_passwordprotectedroom'><value>1</value></field></x></query></iq>");
        Assert.Equal("pw", world.Room(Call).Configuration.Password);
        var dan = world.Connects();
        dan.Joins(Call);
        dan.Receives("<presence type='error'><error type='modify' code='406'/></presence>");
    }

    [Fact]
    public void Focus_makes_a_moderator_and_everybody_sees_the_role()
    {
        var world = new World();
        var ann = world.Enters(extra: "<stats-id>A</stats-id>");
        var bob = world.Enters();
        ann.Forgets();
        bob.Forgets();
        world.Focus.MakesOwner(Call, ann.BareJid);
        bob.Receives($"<presence from='{Call}/{ann.Nick}' missing='permissions'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator' jid='{ann.FullJid}'/></x><stats-id>A</stats-id></presence>");
        ann.Receives($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator'/><status code='110'/></x><permissions xmlns='http://jitsi.org/jitmeet'><p xmlns='http://jitsi.org/jitmeet' name='livestreaming' val='true'/></permissions></presence>");
        world.Focus.Eventually("<iq type='result' id='own'/>");
    }

    [Fact]
    public void A_kick_names_the_kicker_and_takes_the_affiliation()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        var cid = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        world.Focus.MakesOwner(Call, bob.BareJid);
        foreach (var client in (Client[])[ann, bob, cid]) client.Forgets();
        cid.Sends($"<iq type='set' id='k' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{bob.Nick}' role='none'/></query></iq>");
        cid.Receives("<iq type='error' id='k'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends($"<iq type='set' id='k' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{bob.Nick}' role='none'><reason>You have been kicked.</reason></item></query></iq>");
        var expected = $"<item affiliation='none' role='none'><actor nick='{ann.Nick}'/><reason>You have been kicked.</reason></item><status code='307'/>".Replace("<actor", "<actor xmlns='http://jabber.org/protocol/muc#user'", StringComparison.Ordinal);
        cid.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'>{expected}</x></presence>");
        bob.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'>{expected}<status code='110'/></x></presence>");
        ann.Eventually("<iq type='result' id='k'/>");
        Assert.Equal("none", world.Room(Call).AffiliationOf(bob.Session.Info));
    }

    [Theory]
    [InlineData("<item nick='focus' role='none'/>")]
    [InlineData("<item jid='focus@auth.meet.jitsi' affiliation='none'/>")]
    public void Nobody_touches_focus(string item)
    {
        var world = new World();
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        ann.Sends($"<iq type='set' id='k' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'>{item}</query></iq>");
        ann.Receives("<iq type='error' id='k'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact]
    public void Several_items_are_taken_together_or_not_at_all()
    {
        var world = new World();
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        ann.Sends($"<iq type='set' id='a' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='x@meet.jitsi'/><item affiliation='nonsense' jid='y@meet.jitsi'/></query></iq>");
        ann.Receives("<iq type='error' id='a'/>");
        ann.Sends($"<iq type='set' id='b' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='x@meet.jitsi'/><item affiliation='member' jid='y@meet.jitsi'/></query></iq>");
        ann.Receives("<iq type='result' id='b'/>");
        ann.Sends($"<iq type='get' id='c' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member'/></query></iq>");
        ann.Receives("<iq type='result' id='c'><query xmlns='http://jabber.org/protocol/muc#admin'><item jid='x@meet.jitsi'/><item jid='y@meet.jitsi'/></query></iq>".Replace("<item ", "<item xmlns='http://jabber.org/protocol/muc#admin' ", StringComparison.Ordinal));
    }

    [Fact]
    public void Destroy_reaches_everybody_with_reason_and_alternate_and_a_join_after_it_is_refused()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        bob.Forgets();
        world.Focus.Sends(Call, $"<iq type='set' id='x' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='other@muc.meet.jitsi'><reason>over</reason></destroy></query></iq>");
        bob.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/><destroy xmlns='http://jabber.org/protocol/muc#user' jid='other@muc.meet.jitsi'><reason xmlns='http://jabber.org/protocol/muc#user'>over</reason></destroy></x></presence>");
        Assert.False(world.HasRoom(Call));
        Assert.Empty(world.StoreKeys);
        ann.Forgets();
        ann.Joins(Call);
        ann.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    }

    [Fact]
    public void Iqs_pass_between_occupants_with_their_id_and_answers_find_back()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        bob.Forgets();
        ann.Sends($"<iq type='get' id='caps1' to='{Call}/{bob.Nick}'><query xmlns='http://jabber.org/protocol/disco#info' node='n#v'/></iq>");
        bob.Receives($"<iq type='get' id='caps1' from='{Call}/{ann.Nick}' to='{bob.FullJid}'><query xmlns='http://jabber.org/protocol/disco#info' node='n#v'/></iq>");
        bob.Sends($"<iq type='result' id='caps1' to='{Call}/{ann.Nick}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        ann.Receives($"<iq type='result' id='caps1' from='{Call}/{bob.Nick}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        ann.Sends($"<iq type='set' id='gone' to='{Call}/nobody'><x xmlns='urn:x'/></iq>");
        ann.Receives($"<iq type='error' id='gone' from='{Call}/nobody'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact]
    public void One_stanza_of_focus_reaches_many_each_with_its_own_address()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        bob.Forgets();
        world.Focus.Forgets();
        world.Focus.Sends(Call, "<iq type='set' id='src7'><jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'/></iq>", $"{Call}/{ann.Nick}", $"{Call}/{bob.Nick}", $"{Call}/nobody");
        foreach (var client in (Client[])[ann, bob]) client.Receives($"<iq type='set' id='src7' from='{Call}/focus' to='{client.FullJid}'><jingle xmlns='urn:xmpp:jingle:1' action='source-add'/></iq>");
        world.Focus.Receives($"<iq type='error' id='src7' from='{Call}/nobody'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends($"<iq type='result' id='src7' to='{Call}/focus'/>");
        var (_, envelope) = world.Focus.Receives($"<iq type='result' id='src7' from='{Call}/{ann.Nick}' to='focus@auth.meet.jitsi/focus'/>");
        Assert.Equal($"{Call}/{ann.Nick}", envelope.Origin!.OccupantJid);
    }

    [Fact]
    public void Focus_hears_presence_with_role_and_real_address()
    {
        var world = new World();
        var ann = world.Enters();
        var (stanza, envelope) = world.Focus.Eventually($"<presence from='{Call}/{ann.Nick}' to='focus@auth.meet.jitsi/focus'><x xmlns='http://jabber.org/protocol/muc#user'><item jid='{ann.FullJid}'/></x></presence>");
        Assert.NotNull(stanza);
        Assert.Equal((ann.FullJid, "participant", "none"), (envelope.Origin!.RealJid, envelope.Origin.Role, envelope.Origin.Affiliation));
    }

    [Fact]
    public void The_room_is_full_for_the_next_person_but_not_for_focus()
    {
        var world = new World(options => options.MaximumOccupants = 1);
        world.Enters();
        var bob = world.Connects();
        bob.Joins(Call);
        bob.Receives("<presence type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><code xmlns='urn:jitsimesh:errors'>MESH-ROOM-3</code></error></presence>");
    }

    [Fact]
    public void Health_check_rooms_are_for_focus_alone()
    {
        var world = new World();
        const string Room = "__jicofo-health-check1@muc.meet.jitsi";
        world.Focus.Enters(Room);
        var ann = world.Connects();
        ann.Joins(Room);
        ann.Receives("<presence type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    }

    [Fact]
    public void A_tenants_client_sees_its_own_form_of_the_address_and_focus_the_stored_one()
    {
        const string Stored = "[acme]call@muc.meet.jitsi";
        const string Virtual = "call@muc.acme.meet.jitsi";
        var world = new World();
        world.Focus.Answers = true;
        var ann = world.Connects(tenant: "acme");
        ann.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Virtual}'/></iq>");
        ann.Receives($"<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' room='{Virtual}' ready='true'/></iq>");
        Assert.True(world.HasRoom(Stored));
        ann.Joins(Virtual);
        ann.Receives($"<presence from='{Virtual}/focus'/>");
        ann.Eventually($"<presence from='{Virtual}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        ann.Receives($"<message from='{Virtual}'><subject/></message>");
        world.Focus.Eventually($"<presence from='{Stored}/{ann.Nick}'/>");
        ann.Sends($"<iq type='set' id='m' to='{Virtual}/focus'><mute xmlns='http://jitsi.org/jitmeet/audio' jid='{Virtual}/x'>true</mute></iq>");
        world.Focus.Eventually($"<iq id='m' from='{Stored}/{ann.Nick}'/>");
    }
}
