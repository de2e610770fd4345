using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>The rooms of recorders and gateways on the internal domain: what a Jibri and a Jigasi say there when they come in by XMPP.</summary>
public sealed class BreweryTests
{
    private const string Brewery = "jibribrewery@internal-muc.meet.jitsi";

    // As a Jibri sends it (org.jitsi.jibri.status, XEP-0115 beside it).
    private const string Idle = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://www.igniterealtime.org/projects/smack' ver='NfJ3flI83zSdUDzCEICtbypursw='/>"
        + "<jibri-status xmlns='http://jitsi.org/protocol/jibri'><busy-status xmlns='http://jitsi.org/protocol/jibri' status='idle'/><health-status xmlns='http://jitsi.org/protocol/health' status='healthy'/></jibri-status>";

    [Fact]
    public void A_Jibri_opens_its_brewery_and_tells_its_state_and_leaves_it()
    {
        var world = Open();
        var jibri = world.Connects(null, host: "auth.meet.jitsi");

        // Smack looks whether there is a MUC service before it joins; who opens a room is given its form, and has it sent back before anything else.
        jibri.Sends("<iq type='get' id='d' to='internal-muc.meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        Assert.Contains(jibri.Eventually("<iq type='result' id='d'/>").Child("query")!.Children("feature"), feature => feature["var"] == "http://jabber.org/protocol/muc");
        jibri.Sends($"<presence to='{Brewery}/jibri-1'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        jibri.Eventually($"<presence from='{Brewery}/jibri-1'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/><status code='110'/><status code='201'/></x></presence>");
        jibri.Sends($"<iq type='get' id='f' to='{Brewery}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        jibri.Eventually("<iq type='result' id='f'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='form'><field var='muc#roomconfig_whois'/></x></query></iq>");
        jibri.Sends($"<iq type='set' id='g' to='{Brewery}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>"
            + "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_whois'><value>anyone</value></field></x></query></iq>");
        jibri.Eventually("<iq type='result' id='g'/>");
        jibri.Sends($"<presence to='{Brewery}/jibri-1'>{Idle}</presence>");
        jibri.Eventually($"<presence from='{Brewery}/jibri-1'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x><jibri-status xmlns='http://jitsi.org/protocol/jibri'><busy-status status='idle'/>"
            + "<health-status xmlns='http://jitsi.org/protocol/health' status='healthy'/></jibri-status></presence>");

        var other = world.Connects(null, host: "auth.meet.jitsi");
        other.Sends($"<presence to='{Brewery}/jibri-2'><x xmlns='http://jabber.org/protocol/muc'/>{Idle}</presence>");
        other.Eventually($"<presence from='{Brewery}/jibri-1'><jibri-status xmlns='http://jitsi.org/protocol/jibri'><busy-status status='idle'/></jibri-status></presence>");
        jibri.Eventually($"<presence from='{Brewery}/jibri-2'><jibri-status xmlns='http://jitsi.org/protocol/jibri'/></presence>");

        other.Sends($"<presence to='{Brewery}/jibri-2'>{Idle.Replace("'idle'", "'busy'", StringComparison.Ordinal)}</presence>");
        jibri.Eventually($"<presence from='{Brewery}/jibri-2'><jibri-status xmlns='http://jitsi.org/protocol/jibri'><busy-status status='busy'/></jibri-status></presence>");

        // A start as focus sends it to an occupant, and the recorder's answer.
        jibri.Sends($"<iq type='set' id='s' to='{Brewery}/jibri-2'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' room='call@muc.meet.jitsi' recording_mode='file' session_id='5b0c'/></iq>");
        var start = other.Eventually($"<iq type='set' from='{Brewery}/jibri-1'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' session_id='5b0c'/></iq>");
        other.Sends($"<iq type='result' id='{start["id"]}' to='{start["from"]}'><jibri xmlns='http://jitsi.org/protocol/jibri' status='pending'/></iq>");
        jibri.Eventually($"<iq type='result' id='s' from='{Brewery}/jibri-2'><jibri xmlns='http://jitsi.org/protocol/jibri' status='pending'/></iq>");

        other.LosesSocket();
        world.Passes(world.Options.HibernationTime);
        jibri.Eventually($"<presence type='unavailable' from='{Brewery}/jibri-2'/>");
    }

    [Fact]
    public void A_Jigasi_tells_its_statistics_in_its_brewery()
    {
        const string Room = "jigasibrewery@internal-muc.meet.jitsi";
        var world = Open();
        var watcher = world.Connects(null, host: "auth.meet.jitsi");
        watcher.Sends($"<presence to='{Room}/watcher'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        var jigasi = world.Connects(null, host: "auth.meet.jitsi");
        jigasi.Sends($"<presence to='{Room}/0f1e2d3c'><x xmlns='http://jabber.org/protocol/muc'/><stats xmlns='http://jitsi.org/protocol/colibri'><stat name='participants' value='3'/><stat name='supports_sip' value='true'/></stats></presence>");
        watcher.Eventually($"<presence from='{Room}/0f1e2d3c'><stats xmlns='http://jitsi.org/protocol/colibri'><stat name='participants' value='3'/><stat name='supports_sip' value='true'/></stats></presence>");
    }

    [Theory]
    [InlineData("meet.jitsi")]
    [InlineData("guest.meet.jitsi")]
    [InlineData("hidden.meet.jitsi")]
    public void Nobody_of_another_domain_opens_or_enters_a_brewery(string domain)
    {
        var world = Open();
        var stranger = world.Connects(null, host: domain);
        stranger.Sends($"<presence to='{Brewery}/x'><x xmlns='http://jabber.org/protocol/muc'/>{Idle}</presence>");
        stranger.Eventually($"<presence type='error' from='{Brewery}/x'><error><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        Assert.False(world.HasRoom(Brewery));

        var jibri = world.Connects(null, host: "auth.meet.jitsi");
        jibri.Sends($"<presence to='{Brewery}/jibri-1'><x xmlns='http://jabber.org/protocol/muc'/>{Idle}</presence>");
        jibri.Forgets();
        stranger.Sends($"<presence to='{Brewery}/x'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        stranger.Eventually($"<presence type='error' from='{Brewery}/x'><error><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        stranger.Sends($"<iq type='set' id='s' to='{Brewery}/jibri-1'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' room='call@muc.meet.jitsi' recording_mode='file'/></iq>");
        stranger.Eventually("<iq type='error' id='s'/>");
        jibri.ReceivesNothing();
    }

    [Fact]
    public void A_recorder_on_the_hidden_domain_enters_a_call_that_focus_has_opened()
    {
        const string Call = "call@muc.meet.jitsi";
        var world = Open();
        var ann = world.Enters();
        var recorder = world.Connects(host: "hidden.meet.jitsi");
        recorder.Sends($"<presence to='{Call}/{recorder.Nick}'><x xmlns='http://jabber.org/protocol/muc'/><session_id>5b0c</session_id><mode>file</mode></presence>");
        ann.Eventually($"<presence from='{Call}/{recorder.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item jid='{recorder.FullJid}'/></x><session_id>5b0c</session_id><mode>file</mode></presence>");
    }

    private static World Open() => new() { Admission = new ContextAdmission() };
}
