using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Kit;

/// <summary>Stanzas that a hostile occupant may send to the focus: valid, nearly valid, and mutated.</summary>
internal sealed class HostileOccupant(FocusScenario scenario, string nick, IRandomSource random)
{
    private static readonly string[] Hostile =
    [
        "", " ", "0", "-1", "1", "2711", "8154", "4294967295", "4294967296", "1e3", "true", "false", "NaN", "ann", "ann-v0", "ann-a0", "jvb", "jvb-v0", "focus", "mal-v0\r\nm=audio 9 RTP/AVP 0", "mal-v7\n", "a b c",
        "mixedmslabel mixedlabelvideo0", "ann-video-0 t", "bob-audio-0 t", "{", "[]", "null", "\"", "<", "&", "\u2028", "ü", "🙂", "../..", "sha-1", "both", "video", "audio", "data", "failed", "connectivity-error",
    ];

    private static readonly string[] Actions =
    [
        "session-accept", "session-accept", "transport-info", "source-add", "source-add", "source-remove", "session-info", "session-terminate", "transport-accept", "transport-reject", "transport-replace", "session-initiate",
        "content-modify", "content-add", "addsource", "removesource", "description-info", "dance",
    ];

    private bool _correct;
    private uint _nextSsrc = 60_000;

    /// <summary>A request or a presence; the caller sets the addresses.</summary>
    public XmppElement Next()
    {
        _correct = random.NextInt(2) == 0;
        if (random.NextInt(6) == 0) return Presence();
        var payload = random.NextInt(8) switch
        {
            0 => Mute(),
            1 => Other(),
            _ => Jingle(),
        };
        for (var i = !_correct && random.NextInt(2) == 0 ? 1 + random.NextInt(4) : 0; i > 0; i--) Mutate(payload);
        var iq = Stanzas.Iq(random.NextInt(20) == 0 ? "get" : "set", "", null, payload);
        if (random.NextInt(20) == 0) iq.Add(Other());
        return iq;
    }

    private T One<T>(params T[] of) => of[random.NextInt(of.Length)];

    private bool Wrong(int of) => !_correct && random.NextInt(of) == 0;

    private string Text() => random.NextInt(10) == 0 ? new string('x', 1 << random.NextInt(13)) : One(Hostile);

    private string Sid() => (_correct ? 7 : random.NextInt(8)) switch
    {
        0 => Text(),
        1 => scenario["ann"].LiveSids.LastOrDefault() ?? "s",
        _ => scenario[nick].LiveSids.LastOrDefault() ?? scenario.Conference.Document.Find(nick)?.Session?.Sid ?? "s",
    };

    private XmppElement Jingle()
    {
        var action = One(Actions);
        // Sometimes remove a source again, so that there is room for more.
        if (_correct && action == "source-remove" && scenario.Conference.Document.Find(nick)?.Sources is { Groups.Count: 0 } own)
        {
            return JingleFormat.Format(new JingleMessage
            {
                Action = JingleAction.SourceRemove,
                Sid = Sid(),
                Contents = [new JingleContent { Name = "video", Description = new RtpDescription { Media = "video", Sources = [.. own.Sources.Select(source => new OwnedSource(null, source))] } }],
            });
        }

        if (action == "session-accept" && random.NextInt(2) == 0) return scenario[nick].Accept(Sid());
        var jingle = new XmppElement("jingle", JingleNamespaces.Jingle, ("action", action), ("sid", Sid()), ("initiator", "focus"));
        foreach (var kind in new[] { "audio", "video" })
        {
            if (random.NextInt(2) == 0) continue;
            var content = new XmppElement("content", JingleNamespaces.Jingle, ("creator", "responder"), ("name", kind));
            if (action is "session-accept" or "source-add" or "source-remove" or "addsource" or "removesource") content.Add(Description(kind));
            if (action is "session-accept" or "transport-info" or "transport-accept") content.Add(Transport());
            jingle.Add(content);
        }

        var bridge = Wrong(4) ? Text() : scenario.Conference.Document.Find(nick)?.Session?.BridgeSession ?? "b";
        if (action is "session-info" or "session-terminate")
        {
            jingle.Add(new XmppElement("bridge-session", Namespaces.Focus, ("id", bridge), ("restart", One("true", "false", null)), ("ice-restart", One("true", "false", null))));
            if (random.NextInt(2) == 0) jingle.Add(new XmppElement("ice-state", Namespaces.Focus).AddText(One("failed", "connected", Text())));
            if (random.NextInt(2) == 0) jingle.Add(new XmppElement("reason", JingleNamespaces.Jingle).Add(new XmppElement("success", JingleNamespaces.Jingle)));
        }

        return jingle;
    }

    private uint Ssrc() => _correct ? _nextSsrc++ : One((uint)(50_000 + random.NextInt(12)), scenario[nick].FirstSsrc + (uint)random.NextInt(8), scenario["ann"].FirstSsrc + (uint)random.NextInt(8), 2711u, random.NextUInt32() | 1);

    private XmppElement Description(string kind)
    {
        var description = new XmppElement("description", JingleNamespaces.Rtp, ("media", kind));
        var ssrcs = new List<uint>();
        for (var i = random.NextInt(Wrong(8) ? 40 : 3); i >= 0; i--)
        {
            var index = _correct ? ssrcs.Count + 2 : random.NextInt(3);
            var source = new XmppElement("source", JingleNamespaces.Sources, ("ssrc", $"{Ssrc()}"), ("name", Wrong(4) ? Text() : $"{nick}-{kind[0]}{index}"), ("videoType", One(null, "camera", "desktop", Text())));
            source.Add(new XmppElement("parameter", JingleNamespaces.Rtp, ("name", "msid"), ("value", Wrong(4) ? Text() : $"{nick}-{kind}-{index} t")));
            if (random.NextInt(4) == 0) source.Add(new XmppElement("parameter", JingleNamespaces.Rtp, ("name", One("cname", "label", "mslabel")), ("value", Text())));
            if (random.NextInt(4) == 0) source.Add(new XmppElement("ssrc-info", Namespaces.JitMeet, ("owner", One("ann", "jvb", Text()))));
            description.Add(source);
            ssrcs.Add(uint.TryParse(source["ssrc"], out var ssrc) ? ssrc : 1);
        }

        for (var i = _correct ? 0 : random.NextInt(3); i > 0; i--)
        {
            var group = new XmppElement("ssrc-group", JingleNamespaces.Sources, ("semantics", One("FID", "SIM", Text())));
            for (var j = random.NextInt(4); j >= 0; j--) group.Add(new XmppElement("source", JingleNamespaces.Sources, ("ssrc", $"{ssrcs[random.NextInt(ssrcs.Count)]}")));
            description.Add(group);
        }

        return description;
    }

    private XmppElement Transport()
    {
        var transport = new XmppElement("transport", JingleNamespaces.IceUdp, ("ufrag", Wrong(4) ? Text() : "mal1"), ("pwd", Wrong(4) ? Text() : FakeClient.Password), ("ice-generation", One(null, "1", Text())));
        if (random.NextInt(3) > 0)
        {
            transport.Add(new XmppElement("fingerprint", JingleNamespaces.Dtls, ("hash", Wrong(3) ? Text() : "sha-256"), ("setup", One("active", Text()))).AddText(Wrong(2) ? Text() : string.Join(':', Enumerable.Repeat("CD", 32))));
        }

        for (var i = random.NextInt(4); i > 0; i--)
        {
            transport.Add(new XmppElement("candidate", JingleNamespaces.IceUdp, ("foundation", One("1", Text())), ("component", One("1", Text())), ("protocol", One("udp", Text())), ("priority", One("7", Text())),
                ("ip", One("192.0.2.1", "127.0.0.1", Text())), ("port", One("9", Text())), ("type", One("host", Text()))));
        }

        return transport;
    }

    private XmppElement Mute() => new XmppElement("mute", "http://jitsi.org/jitmeet/" + One("audio", "video", "desktop", "smell"),
        ("jid", One($"{scenario.RoomJid}/ann", $"{scenario.RoomJid}/{nick}", $"{scenario.RoomJid}/focus", "bob", Text()))).AddText(One("true", "false", Text()));

    private XmppElement Other() => random.NextInt(10) switch
    {
        0 => new XmppElement("jibri", "http://jitsi.org/protocol/jibri", ("action", One("start", "stop")), ("recording_mode", "file"), ("room", scenario.RoomJid)),
        1 => new XmppElement("dial", "urn:xmpp:rayo:1", ("to", Text()), ("from", Text())),
        2 => new XmppElement("conference", Namespaces.Focus, ("room", One(scenario.RoomJid, "x@y", Text())), ("machine-uid", "m"), ("session-id", Text())),
        3 => new XmppElement("logout", Namespaces.Focus, ("session-id", Text())),
        4 => new XmppElement("login-url", Namespaces.Focus, ("room", One(scenario.RoomJid, Text())), ("machine-uid", Text())),
        5 => new XmppElement("query", Namespaces.DiscoInfo, ("node", Text())),
        6 => new XmppElement("ping", Namespaces.Ping),
        7 => new XmppElement("query", Namespaces.MucAdmin).Add(new XmppElement("item", Namespaces.MucAdmin, ("affiliation", "owner"), ("jid", Text()))),
        8 => new XmppElement("query", Namespaces.MucOwner),
        _ => new XmppElement("x" + random.NextHex(3), "urn:x"),
    };

    // The room itself adds the occupant's identity, and strips forged elements of that kind.
    private XmppElement Presence()
    {
        var client = scenario[nick];
        client.Extras.Clear();
        client.Extras.Add(new XmppElement("SourceInfo", Namespaces.Client).AddText(random.NextInt(3) switch
        {
            0 => Text(),
            1 => $"{{\"{nick}-a0\":{{\"muted\":{One("true", "false", "1", "\"x\"")}}},\"ann-v0\":{{\"muted\":false}},\"{nick}-v0\":{One("null", "[]", "{\"muted\":false}")},\"\\ud800\":{{\"muted\":false}}}}",
            _ => new string('[', 1 + random.NextInt(200)),
        }));
        foreach (var name in new[] { "audiomuted", "videomuted", "jitsi_participant_region", "stats-id", "status", "nick" })
        {
            if (random.NextInt(2) == 0) client.Extras.Add(new XmppElement(name, Namespaces.Client).AddText(Text()));
        }

        if (random.NextInt(3) == 0) client.Extras.Add(new XmppElement("features", Namespaces.Client).Add(new XmppElement("feature", Namespaces.Client, ("var", "http://jitsi.org/protocol/" + One("jibri", "jigasi", "transcriber")))));
        if (random.NextInt(3) == 0) client.Extras.Add(new XmppElement(One("conference", "logout", "login-url"), Namespaces.Focus, ("room", Text())));
        foreach (var extra in client.Extras.ToList())
        {
            if (random.NextInt(4) == 0) Mutate(extra);
        }

        return client.Presence(scenario.RoomJid);
    }

    private void Mutate(XmppElement tree)
    {
        var all = new List<XmppElement> { tree };
        for (var i = 0; i < all.Count; i++) all.AddRange(all[i].Elements);
        var one = all[random.NextInt(all.Count)];
        var attributes = one.Attributes.ToList();
        switch (random.NextInt(7))
        {
            case 0 or 1 when attributes.Count > 0:
                one[attributes[random.NextInt(attributes.Count)].Name] = Text();
                break;
            case 2 when attributes.Count > 0:
                one[attributes[random.NextInt(attributes.Count)].Name] = null;
                break;
            case 3 when one.Elements.FirstOrDefault() is { } child:
                one.RemoveChildren(each => each == child);
                break;
            case 4 when one.Elements.Any():
                var copied = one.Elements.ElementAt(random.NextInt(one.Elements.Count()));
                for (var i = random.NextInt(20); i >= 0; i--) one.Add(copied.Clone());
                break;
            case 5:
                one.AddText(Text());
                break;
            default:
                one.Add(all[random.NextInt(all.Count)].Clone());
                break;
        }
    }
}
