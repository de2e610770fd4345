using System.Text;
using JitsiMesh.Fuzz.Tests;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Mutated frames to signalling and mutated Jingle to focus while a call goes on.</summary>
public static class HostileXmppScenarios
{
    /// <summary>Frames of one session: signalling answers no more than so many at once.</summary>
    private const int FramesOfSession = SignallingBurst - 50;

    private const int SignallingBurst = Signalling.SignallingLimits.StanzaBurst;
    private const int Attackers = 4;

    private static readonly string[] Login =
    [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='DOMAIN' version='1.0'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
        "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind></iq>",
        "<resume xmlns='urn:xmpp:sm:3' h='3' previd='abc'/>",
        "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    ];

    private static readonly string[] Stanzas =
    [
        "<presence xmlns='jabber:client' to='ROOM@MUC/NICK'><x xmlns='http://jabber.org/protocol/muc'><password>p</password></x><nick xmlns='http://jabber.org/protocol/nick'>J&#xF6;rg &amp; Co</nick><SourceInfo>{\"NICK-a0\":{\"muted\":true}}</SourceInfo><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>",
        "<presence xmlns='jabber:client' to='ROOM@MUC/NICK' type='unavailable'/>",
        "<message xmlns='jabber:client' type='groupchat' to='ROOM@MUC' id='m'><body>hello</body><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"x\"}</json-message></message>",
        "<message xmlns='jabber:client' type='chat' to='ROOM@MUC/NICK'><body>psst</body></message>",
        "<message xmlns='jabber:client' to='ROOM@MUC'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@DOMAIN'/></x></message>",
        "<message xmlns='jabber:client' type='groupchat' to='ROOM@MUC'><subject>about</subject></message>",
        "<iq xmlns='jabber:client' type='get' id='1' to='DOMAIN'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>",
        "<iq xmlns='jabber:client' type='get' id='2' to='ROOM@MUC'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq xmlns='jabber:client' type='get' id='3' to='DOMAIN'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq xmlns='jabber:client' type='set' id='4' to='ROOM@MUC'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='NICK' role='none'><reason>go</reason></item><item jid='a@DOMAIN' affiliation='owner'/></query></iq>",
        "<iq xmlns='jabber:client' type='set' id='5' to='ROOM@MUC'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_roomsecret'><value>s</value></field><field var='muc#roomconfig_membersonly'><value>1</value></field></x></query></iq>",
        "<iq xmlns='jabber:client' type='get' id='6' to='ROOM@MUC'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>",
        "<iq xmlns='jabber:client' type='set' id='7' to='focus.DOMAIN'><conference xmlns='http://jitsi.org/protocol/focus' room='ROOM@MUC' machine-uid='u'><property name='startAudioMuted' value='9'/></conference></iq>",
        "<message xmlns='jabber:client' to='speakerstats.DOMAIN'><speakerstats xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC' silence='false'/></message>",
        "<message xmlns='jabber:client' to='avmoderation.DOMAIN'><av_moderation xmlns='http://jitsi.org/jitmeet' enable='true' mediaType='audio' jidToWhitelist='ROOM@MUC/NICK'/></message>",
        "<message xmlns='jabber:client' to='polls.DOMAIN'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"new-poll\",\"pollId\":\"1\",\"question\":\"q\",\"answers\":[{\"name\":\"a\"}]}</json-message></message>",
        "<message xmlns='jabber:client' to='metadata.DOMAIN'><room_metadata xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC'>{\"key\":\"a\",\"data\":{\"b\":1}}</room_metadata></message>",
        "<message xmlns='jabber:client' to='endconference.DOMAIN'><end_conference xmlns='http://jitsi.org/jitmeet'/></message>",
        "<iq xmlns='jabber:client' type='get' id='8' to='DOMAIN'><services xmlns='urn:xmpp:extdisco:2'/></iq>",
        "<iq xmlns='jabber:client' type='result' id='9' to='ROOM@MUC/focus'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
        "<a xmlns='urn:xmpp:sm:3' h='1'/>",
    ];

    /// <summary>What a participant asks of focus beside Jingle.</summary>
    private static readonly string[] FocusRequests =
    [
        "<jingle xmlns='urn:xmpp:jingle:1' action='transport-info' sid='SID'><content creator='responder' name='audio'><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u' pwd='pppppppppppppppppppppp'><candidate component='1' foundation='1' generation='0' id='c' ip='10.0.1.1' network='1' port='8998' priority='2130706431' protocol='udp' type='host'/></transport></content></jingle>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='SID'><ice-state xmlns='http://jitsi.org/protocol/focus'>failed</ice-state><bridge-session xmlns='http://jitsi.org/protocol/focus' id='b'/></jingle>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='SID'><content creator='responder' name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='777' name='NICK-v1' videoType='desktop'/><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='778' name='NICK-v1'/><ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'><source ssrc='777'/><source ssrc='778'/></ssrc-group></description></content></jingle>",
        "<jingle xmlns='urn:xmpp:jingle:1' action='source-remove' sid='SID'><content creator='responder' name='video'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='777'/></description></content></jingle>",
        "<mute xmlns='http://jitsi.org/jitmeet/audio' jid='ROOM@MUC/VICTIM'>true</mute>",
        "<jibri xmlns='http://jitsi.org/protocol/jibri' action='start' recording_mode='file'/>",
        "<dial xmlns='urn:xmpp:rayo:1' to='+123' from='f'><header name='JvbRoomName' value='ROOM@MUC'/></dial>",
    ];

    /// <summary>Broken and whole XML, before and after the login.</summary>
    public static Task Frames(IMeshUnderTest mesh, TestReport report) => CallUnderFire.RunAsync(mesh, "hostile-xmpp", 67, "signalling", 0.1, report, async (call, shots) =>
    {
        var sessions = 0;
        await InParallelAsync(call, 670, async (attacker, random) =>
        {
            var share = shots / Attackers;

            // A tenth each before the login and as bytes, where nearly every frame ends its stream; the rest as elements.
            for (var i = 0; i < share / 10; i++) await OneBeforeLoginAsync(mesh, random);
            for (var i = 0; i < share / 10; i++) await OneBrokenAsync(mesh, random);
            for (var fired = 0; fired < share * 8 / 10;)
            {
                Interlocked.Increment(ref sessions);
                fired += await OneSessionAsync(mesh, $"{call.Room}-{attacker}", random);
            }
        });
        call.Say($"  {sessions} sessions");
    });

    /// <summary>Jingle and other requests of people in the room to focus. Each gets its answer.</summary>
    public static Task Jingle(IMeshUnderTest mesh, TestReport report) => CallUnderFire.RunAsync(mesh, "hostile-jingle", 68, "focus_events", 0, report, async (call, shots) =>
    {
        var (sessions, ended, unanswered, results) = (0, 0, 0, 0);
        await InParallelAsync(call, 680, async (attacker, random) =>
        {
            for (var fired = 0; fired < shots / Attackers;)
            {
                // Without media: the three keep what they know of each source that they ever heard, and hundreds come and go.
                await using var joined = new Attacker(call, 6800u + (ulong)Interlocked.Increment(ref sessions), sendsMedia: false);
                await joined.JoinAsync(needsChannel: false);
                var client = joined.Client;
                var (focus, sid, nick) = client.Read(p => (p.RoomAddress("focus"), p.Session?.Sid ?? "", p.Nick!));
                var samples = JitsiMesh.Jingle.Tests.Samples.All.Concat(FocusRequests).Select(text => Element(mesh, text, call.Room, nick).With(sid, call.People[1].Nick)).ToList();
                var mutator = new XmlMutator(samples, random);
                var answered = 0;
                var sent = 0;
                for (; sent < FramesOfSession && fired < shots / Attackers; sent++, fired++)
                {
                    client.Do((p, _) => p.SendIq(random.NextInt(8) == 0 ? "get" : "set", focus, mutator.Next(keepRoot: random.NextInt(10) > 0), "fuzz", answer =>
                    {
                        Interlocked.Increment(ref answered);
                        if (answer["type"] == "result") Interlocked.Increment(ref results);
                    }));
                    for (var waits = 0; sent - answered > 40 && waits < 200; waits++) await Task.Delay(5);
                    if (client.Read(p => p.Stream.Phase) != Headless.Streams.StreamPhase.Ready) break;
                }

                for (var waits = 0; sent > answered && waits < 400; waits++) await Task.Delay(5);
                // A frame that grew too deep or too long ends the stream, and what was under way with it.
                if (client.Read(p => p.Stream.Phase) == Headless.Streams.StreamPhase.Ready) Interlocked.Add(ref unanswered, sent - answered);
                else Interlocked.Increment(ref ended);
            }
        });
        call.Say($"  {sessions} people, {ended} streams ended, {results} requests accepted, {unanswered} unanswered");
        Assert.True(unanswered <= shots / 50, $"{unanswered} requests got no answer");
    });

    private static Task InParallelAsync(CallUnderFire call, ulong seed, Func<int, IRandomSource, Task> attack) =>
        Task.WhenAll(Enumerable.Range(0, Attackers).Select(i => Task.Run(() => attack(i, new SeededRandomSource(seed + (ulong)(i * 1000) + (ulong)call.Random.NextInt(1000))))));

    private static async Task OneBeforeLoginAsync(IMeshUnderTest mesh, IRandomSource random)
    {
        using var client = RawClient.From(mesh);
        if (!await client.TryDialAsync(mesh)) return;
        var samples = Login.Concat(Stanzas).Select(text => Fill(mesh, text, "r", "n")).ToArray();
        var frame = random.NextInt(2) == 0
            ? new Mutator([.. samples.Select(Encoding.UTF8.GetBytes)], random).Next().ToArray()
            : Encoding.UTF8.GetBytes(new XmlMutator([.. samples.Select(XmppParser.Parse)], random).Next(keepRoot: false).ToString());
        await client.TrySendAsync(frame);
        await client.TrySendAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"u8.ToArray());
        await client.ReadToEndAsync();
    }

    private static async Task OneBrokenAsync(IMeshUnderTest mesh, IRandomSource random)
    {
        using var client = RawClient.From(mesh);
        await client.LogInAsync(mesh);
        await client.TrySendAsync(new Mutator([.. Stanzas.Select(text => Encoding.UTF8.GetBytes(Fill(mesh, text, "r", client.Nick)))], random).Next().ToArray());
        await client.TrySendAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"u8.ToArray());
        await client.ReadToEndAsync();
    }

    /// <returns>Frames that were certainly read.</returns>
    private static async Task<int> OneSessionAsync(IMeshUnderTest mesh, string room, IRandomSource random)
    {
        const int Batch = 10;
        using var client = RawClient.From(mesh);
        await client.LogInAsync(mesh, room);
        await client.JoinAsync(mesh, room);
        client.StartReading();
        var mutator = new XmlMutator([.. Stanzas.Select(text => Element(mesh, text, room, client.Nick))], random);
        var read = 0;
        while (read < FramesOfSession)
        {
            for (var i = 0; i < Batch; i++)
            {
                if (!await client.TrySendAsync(Encoding.UTF8.GetBytes(mutator.Next(keepRoot: random.NextInt(50) > 0).ToString()))) return read + 1;
            }

            var id = $"sync-{read}";
            if (!await client.TrySendAsync(Encoding.UTF8.GetBytes($"<iq xmlns='jabber:client' type='get' id='{id}' to='{mesh.Domain}'><ping xmlns='urn:xmpp:ping'/></iq>"))) return read + 1;
            for (var waits = 0; !client.Stanzas.Any(s => s["id"] == id); waits++)
            {
                if (client.HasEnded) return read + 1;
                Assert.True(waits < 20_000, "a session that is open answers nothing");
                await Task.Delay(1);
            }

            client.Stanzas.Clear();
            read += Batch;
        }

        return read;
    }

    private static XmppElement Element(IMeshUnderTest mesh, string text, string room, string nick) => XmppParser.Parse(Fill(mesh, text, room, nick));

    private static string Fill(IMeshUnderTest mesh, string text, string room, string nick) => text
        .Replace("ROOM", room, StringComparison.Ordinal).Replace("MUC", mesh.MucDomain, StringComparison.Ordinal)
        .Replace("DOMAIN", mesh.Domain, StringComparison.Ordinal).Replace("NICK", nick, StringComparison.Ordinal);

    private static XmppElement With(this XmppElement element, string sid, string victim)
    {
        if (element["sid"] is not null) element["sid"] = sid;
        if (element["jid"] is { } jid) element["jid"] = jid.Replace("VICTIM", victim, StringComparison.Ordinal);
        return element;
    }
}
