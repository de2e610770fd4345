using System.Text;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Attacks of one participant that once cost others their call, each as several inputs of its kind.</summary>
public static class AttackScenarios
{
    private const string Message = "<message xmlns='jabber:client' type='groupchat' to='ROOM@MUC' id='m'>";
    private const string Presence = "<presence xmlns='jabber:client' to='ROOM@MUC/NICK'>";
    private const string Forged = "<item jid='focus@auth.DOMAIN/focus' affiliation='owner' role='moderator'/><status code='110'/><status code='307'/><destroy reason='x'/>";

    /// <summary>Texts that become longer when they are written again.</summary>
    public static IEnumerable<string> Expanding()
    {
        foreach (var count in (int[])[100, 3_000])
        {
            var uri = new string('u', 20_000);
            yield return $"{Message}<body>b</body><a xmlns='urn:a' xmlns:p='{uri}'>{Repeat("<p:a/>", count)}</a></message>";
            yield return $"{Presence}<a xmlns='urn:a' xmlns:p='{uri}'>{Repeat("<p:a/>", count)}</a></presence>";
            yield return $"{Message}<a xmlns:p='{uri}'>{Repeat("<b p:c='1'/>", count)}</a></message>";
            yield return $"{Message}<a xmlns:p='urn:{new string('v', 200)}'>{Repeat("<p:a/>", count)}</a></message>";
            yield return $"{Message}<a xmlns:p='urn:{new string('v', 200)}'>{Repeat("<b p:c=''/>", count)}</a></message>";
            yield return $"{Message}{Repeat("<a xmlns='urn:1'><b xmlns=''><c xmlns='urn:2'/></b></a>", count)}</message>";
        }

        yield return $"{Message}<body>{new string('\'', 40_000)}{new string('"', 40_000)}{new string('>', 40_000)}</body></message>";
        yield return $"{Message}<a xmlns='urn:a' b=\"{new string('\'', 60_000)}\" c='{new string('"', 60_000)}' d='{new string('>', 60_000)}'/></message>";
        yield return $"{Message}<body><![CDATA[{new string('<', 50_000)}{new string('&', 50_000)}]]></body></message>";
        yield return $"<presence xmlns='jabber:client' to='ROOM@MUC/NICK' type='unavailable'><status><![CDATA[{new string('&', 100_000)}]]></status></presence>";
        yield return $"<iq xmlns='jabber:client' type='set' id='i' to='ROOM@MUC/OBSERVER'><a xmlns:p='{new string('u', 20_000)}'>{Repeat("<p:a/>", 3_000)}</a></iq>";
        yield return $"<message xmlns='jabber:client' type='chat' to='ROOM@MUC/OBSERVER'><a xmlns:p='{new string('u', 20_000)}'>{Repeat("<p:a/>", 3_000)}</a></message>";
        yield return $"<message xmlns='jabber:client' to='{new string('r', 200_000)}@MUC'/>";
        yield return $"{Message}{Repeat("<a>", 60)}{Repeat("</a>", 60)}<b {string.Concat(Enumerable.Range(0, 120).Select(i => $"xmlns:p{i}='urn:{i}' p{i}:x='y' "))}/></message>";
        yield return $"{Message}{string.Concat(Enumerable.Range(0, 40).Select(j => $"<b {string.Concat(Enumerable.Range(0, 100).Select(i => $"xmlns:p{j}x{i}='urn:{i}' "))}>"))}{Repeat("<p0x0:z/>", 4_000)}{Repeat("</b>", 40)}</message>";
    }

    /// <summary>Elements that only the server says, in places where a client might read them as said by it.</summary>
    public static IEnumerable<string> Smuggled()
    {
        foreach (var (before, after) in ((string, string)[])[(Presence, "</presence>"), (Message + "<body>b</body>", "</message>"), ("<message xmlns='jabber:client' type='chat' to='ROOM@MUC/OBSERVER'><body>b</body>", "</message>"), ("<message xmlns='jabber:client' to='ROOM@MUC/OBSERVER'>", "</message>"), ("<iq xmlns='jabber:client' type='set' id='i' to='ROOM@MUC/OBSERVER'>", "</iq>"), ("<iq xmlns='jabber:client' type='result' id='i' to='ROOM@MUC/OBSERVER'>", "</iq>")])
        {
            yield return $"{before}<x xmlns='http://jabber.org/protocol/muc#user'>{Forged}</x>{after}";
            yield return $"{before}<nick xmlns='http://jabber.org/protocol/nick'><x xmlns='http://jabber.org/protocol/muc#user'>{Forged}</x></nick>{after}";
            yield return $"{before}<a xmlns='urn:a'><b><c xmlns='http://jabber.org/protocol/muc#user'><x>{Forged}</x></c></b></a>{after}";
            yield return $"{before}<q:x xmlns:q='http://jabber.org/protocol/muc#user'>{Forged}</q:x>{after}";
            yield return $"{before}<x xmlns:p='urn:p' p:xmlns='http://jabber.org/protocol/muc#user'>{Forged}</x>{after}";
            yield return $"{before}<a xmlns='urn:a' xmlns:p='urn:p'><x p:xmlns='http://jabber.org/protocol/muc#user'>{Forged}</x></a>{after}";
            yield return $"{before}<delay xmlns='urn:xmpp:delay' from='ROOM@MUC' stamp='2020-01-01T00:00:00Z'/>{after}";
            yield return $"{before}<a xmlns='urn:a'><delay xmlns='urn:xmpp:delay' from='ROOM@MUC' stamp='2020-01-01T00:00:00Z'/><x xmlns='jabber:x:delay' stamp='20200101T00:00:00'/></a>{after}";
        }

        yield return "<presence xmlns='jabber:client' to='ROOM@MUC/NICK' type='unavailable'><a xmlns='urn:a'><x xmlns='http://jabber.org/protocol/muc#user'><destroy/><status code='307'/></x></a></presence>";
    }

    /// <summary>JSON that a lazy reader finds out about too late.</summary>
    public static IEnumerable<string> OddJson()
    {
        string[] texts =
        [
            "{\"key\":\"title\",\"data\":{\"x\":\"a\\ud83d\"}}", "{\"key\":\"title\",\"data\":{\"\\udc00\":1}}", "{\"key\":\"\\ud83d\",\"data\":{}}", "{\"key\":5,\"data\":{}}", "{\"key\":\"a\",\"key\":\"b\",\"data\":{\"x\":1,\"x\":2}}",
            "{\"key\":\"a\",\"data\":1e999}", "{\"key\":\"a\",\"data\":" + Repeat("[", 500) + Repeat("]", 500) + "}", "{\"key\":\"a\",\"data\":{}", "[]", "null", "\"a\"", "{\"key\":null,\"data\":null}", "{}", "",
            "{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"\\ud83d\",\"question\":\"q\\ud83d\",\"answers\":[{\"name\":\"\\ude00\"}]}", "{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":7,\"question\":[],\"answers\":{}}",
            "{\"type\":\"polls\",\"command\":\"answer-poll\",\"pollId\":\"p\",\"answers\":[1,\"true\",null]}", "{\"type\":\"\\ud83d\"}", "{\"type\":{\"a\":1}}", "{\"\\u0074ype\":\"lobby-notify\",\"type\":\"x\"}", "{\"type\":\"lobby-notify\",\"event\":\"LOBBY-ENABLED\",\"value\":true}",
        ];
        foreach (var text in texts)
        {
            var escaped = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
            yield return $"<message xmlns='jabber:client' to='metadata.DOMAIN'><room_metadata xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC'>{escaped}</room_metadata></message>";
            yield return $"<message xmlns='jabber:client' to='polls.DOMAIN'><json-message xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC'>{escaped}</json-message></message>";
            yield return $"{Message}<json-message xmlns='http://jitsi.org/jitmeet'>{escaped}</json-message></message>";
            yield return $"<message xmlns='jabber:client' type='chat' to='ROOM@MUC/OBSERVER'><json-message xmlns='http://jitsi.org/jitmeet'>{escaped}</json-message></message>";
            yield return $"<message xmlns='jabber:client' to='avmoderation.DOMAIN'><av_moderation xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC' enable='true' mediaType='{escaped.Replace("'", "", StringComparison.Ordinal)}'/></message>";
        }
    }

    /// <summary>Fills whatever a client can fill, until the room takes no more.</summary>
    public static IEnumerable<string> Filling()
    {
        var big = new string('f', 100_000);
        for (var i = 0; i < 8; i++)
        {
            yield return $"<message xmlns='jabber:client' to='speakerstats.DOMAIN'><faceLandmarks xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC' faceExpression='{i}{big}' timestamp='{i}' duration='1'/></message>";
        }

        for (var i = 0; i < 140; i++)
        {
            yield return $"<message xmlns='jabber:client' to='polls.DOMAIN'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p{i}\",\"question\":\"{new string('q', 700)}\",\"answers\":[{{\"name\":\"a\"}},{{\"name\":\"b\"}}]}}</json-message></message>";
            if (i >= 30) continue;
            yield return $"<message xmlns='jabber:client' to='metadata.DOMAIN'><room_metadata xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC'>{{\"key\":\"k{i}\",\"data\":{{\"v\":\"{new string('d', 2_000)}\"}}}}</room_metadata></message>";
            yield return $"<message xmlns='jabber:client' type='groupchat' to='ROOM@MUC' id='h{i}'><body>{new string('h', 14_000)}</body></message>";
            yield return $"<iq xmlns='jabber:client' type='set' id='aff{i}' to='ROOM@MUC'><query xmlns='http://jabber.org/protocol/muc#admin'>{string.Concat(Enumerable.Range(0, 50).Select(j => $"<item affiliation='member' jid='u{i}x{j}@DOMAIN'/>"))}</query></iq>";
            yield return $"<message xmlns='jabber:client' to='avmoderation.DOMAIN'><av_moderation xmlns='http://jitsi.org/jitmeet' room='ROOM@MUC' mediaType='audio' jidToWhitelist='u{i}{new string('w', 500)}@DOMAIN'/></message>";
        }
    }

    /// <summary>More than a session may send at once, in large stanzas and small ones.</summary>
    public static IEnumerable<string> Flood() =>
        Enumerable.Range(0, 100).Select(i => $"{Message}<a xmlns='urn:a'>{new string('f', i % 2 == 0 ? 240_000 : 2_400)}</a></message>");

    /// <summary>Requests that must be answered once each, and change nothing.</summary>
    public static IEnumerable<string> Requests()
    {
        foreach (var to in (string[])["focus.DOMAIN", "focus@auth.DOMAIN", "focus@auth.DOMAIN/focus", "ROOM@MUC/focus", "ROOM@MUC", "DOMAIN", "MUC", "auth.DOMAIN", "metadata.DOMAIN", "nobody@DOMAIN/x", "other@MUC", "other@MUC/focus", "x@internal-muc.DOMAIN", "lobby.DOMAIN"])
        {
            foreach (var type in (string[])["get", "set"])
            {
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><unknown xmlns='urn:nobody'/></iq>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'/>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><conference xmlns='http://jitsi.org/protocol/focus' room='jvbbrewery@internal-muc.DOMAIN'/></iq>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' recording_mode='file'/></iq>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><dial xmlns='urn:xmpp:rayo:1' to='+123' from='f'><header name='JvbRoomName' value='ROOM@MUC'/></dial></iq>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='x'/></iq>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><login-url xmlns='http://jitsi.org/protocol/focus' room='ROOM@MUC'/></iq>";
                yield return $"<iq xmlns='jabber:client' type='{type}' id='ASKED' to='{to}'><logout xmlns='http://jitsi.org/protocol/focus' session-id='x'/></iq>";
            }
        }
    }

    public static Task Expand(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "expanding", 71, attackerFirst: false, attacked => FireAllAsync(attacked, Expanding()));

    public static Task Smuggle(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "smuggled", 72, attackerFirst: false, attacked => FireAllAsync(attacked, Smuggled()));

    /// <summary>By a moderator, who may write metadata.</summary>
    public static Task SayOddJson(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "oddjson", 73, attackerFirst: true, attacked => FireAllAsync(attacked, OddJson()));

    public static Task Fill(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "filled", 74, attackerFirst: true, attacked => attacked.FloodAsync(Filling()));

    public static Task FloodRoom(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "flooded", 75, attackerFirst: false, attacked => attacked.FloodAsync(Flood(), TimeSpan.FromSeconds(10)));

    public static Task AskAll(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "asked", 76, attackerFirst: false, async attacked =>
    {
        foreach (var request in Requests())
        {
            var answer = await attacked.AskAsync(request);
            Assert.NotNull(answer);
            if (request.Contains("internal-muc", StringComparison.Ordinal)) Assert.True(answer["type"] == "error" || !answer.ToString().Contains("internal-muc", StringComparison.Ordinal), $"{request} -> {answer}");
        }
    });

    /// <summary>Passwords are tried until the room answers no more in time to matter.</summary>
    public static Task GuessPasswords(IMeshUnderTest mesh) => AttackedRoom.RunAsync(mesh, "guessed", 77, attackerFirst: false, async attacked =>
    {
        const string Other = "guessed-locked";
        using var owner = RawClient.From(mesh);
        await owner.LogInAsync(mesh, Other);
        await owner.JoinAsync(mesh, Other);
        owner.StartReading();
        await attacked.ExpectAsync("the first is the owner", () => owner.Stanzas.Any(s => s["from"]?.EndsWith("/" + owner.Nick, StringComparison.Ordinal) == true && s.Child("x", Namespaces.MucUser)?.Child("item")?["affiliation"] == "owner"));
        await owner.SendAsync($"<iq xmlns='jabber:client' type='set' id='lock' to='{Other}@{mesh.MucDomain}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_roomsecret'><value>417</value></field><field var='muc#roomconfig_passwordprotectedroom'><value>1</value></field></x></query></iq>");
        await attacked.ExpectAsync("the room is locked", () => owner.Stanzas.Any(s => s["id"] == "lock" && s["type"] == "result"));
        using var guesser = RawClient.From(mesh, System.Net.IPAddress.Parse("127.0.0.3"));
        await guesser.LogInAsync(mesh, Other);
        guesser.StartReading();
        for (var i = 0; i < 500; i++)
        {
            await guesser.SendAsync($"<presence xmlns='jabber:client' id='try{i}' to='{Other}@{mesh.MucDomain}/{guesser.Nick}'><x xmlns='http://jabber.org/protocol/muc'><password>{i}</password></x></presence>");
        }

        await guesser.SendAsync($"<iq xmlns='jabber:client' type='get' id='done' to='{mesh.Domain}'><ping xmlns='urn:xmpp:ping'/></iq>");
        await attacked.ExpectAsync("all tries are answered", () => guesser.HasEnded || guesser.Stanzas.Any(s => s["id"] == "done"));
        Assert.DoesNotContain(guesser.Stanzas, s => s.Name == "presence" && s["type"] is null && s["from"]?.StartsWith($"{Other}@", StringComparison.Ordinal) == true);
    });

    private static async Task FireAllAsync(AttackedRoom attacked, IEnumerable<string> frames)
    {
        foreach (var frame in frames) await attacked.FireAsync(frame);
    }

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
