using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Kit;

/// <summary>An occupant that behaves as lib-jitsi-meet does towards the focus.</summary>
internal sealed class FakeClient(string nick)
{
    public static readonly string[] ModernFeatures =
    [
        "urn:xmpp:jingle:apps:rtp:audio", "urn:xmpp:jingle:apps:rtp:video", "urn:xmpp:jingle:transports:dtls-sctp:1", "urn:ietf:rfc:4588",
        "http://jitsi.org/tcc", "http://jitsi.org/json-encoded-sources", "http://jitsi.org/ssrc-rewriting-1", "http://jitsi.org/source-name",
    ];

    /// <summary>Without SSRC rewriting and without the compact encoding.</summary>
    public static readonly string[] PlainFeatures = [.. ModernFeatures.Where(feature => !feature.Contains("json", StringComparison.Ordinal) && !feature.Contains("rewriting", StringComparison.Ordinal))];

    public const string Password = "0123456789012345678901";

    public string Nick { get; } = nick;

    public string RealJid => $"{Nick}@{Domain}/web";

    /// <summary>guest.meet.example for a client without a login.</summary>
    public string Domain { get; set; } = "meet.example";

    public string Affiliation { get; set; } = "none";

    public string[] Features { get; set; } = ModernFeatures;

    public bool AutoAccept { get; set; } = true;

    public bool RefusesOffers { get; set; }

    /// <summary>False: does not answer disco#info.</summary>
    public bool AnswersDisco { get; set; } = true;

    /// <summary>Additional children of the presence.</summary>
    public List<XmppElement> Extras { get; } = [];

    /// <summary>All received requests, in order.</summary>
    public List<XmppElement> Received { get; } = [];

    public Dictionary<string, XmppElement> Answers { get; } = [];

    /// <summary>The sids of running sessions.</summary>
    public List<string> LiveSids { get; } = [];

    public uint FirstSsrc => (uint)(1000 + (Math.Abs(Nick[0] - 'a') * 100));

    public IEnumerable<JingleMessage> Jingles => Received.Select(iq => iq.Child("jingle")).OfType<XmppElement>().Select(Read);

    public JingleMessage LastInitiate => Jingles.Last(message => message.Action == JingleAction.SessionInitiate);

    public int Count(JingleAction action) => Jingles.Count(message => message.Action == action);

    /// <summary>The presence contains the hash of the client's features.</summary>
    public bool AnnouncesCaps { get; set; }

    /// <summary>The answer to disco#info; null for the client's real features.</summary>
    public XmppElement? DiscoAnswer { get; set; }

    public XmppElement DiscoInfo()
    {
        var info = new XmppElement("query", Namespaces.DiscoInfo);
        foreach (var feature in Features) info.Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", feature)));
        return info;
    }

    public XmppElement Presence(string room, string? type = null, string role = "participant")
    {
        var presence = Stanzas.Presence(type, "focus@auth.meet.example/focus", $"{room}/{Nick}");
        presence.Add(new XmppElement("c", Namespaces.Caps, ("hash", "sha-1"), ("node", "https://jitsi.org/jitsi-meet"), ("ver", AnnouncesCaps && CapsHash.TryCompute(DiscoInfo(), out var hash) ? hash : "none")));
        foreach (var extra in Extras) presence.Add(extra);
        return presence.Add(new XmppElement("x", Namespaces.MucUser).Add(new XmppElement("item", Namespaces.MucUser,
            ("affiliation", Affiliation), ("role", Affiliation == "owner" ? "moderator" : role), ("jid", RealJid))));
    }

    /// <summary>A camera with three layers and a microphone.</summary>
    public XmppElement Accept(string sid)
    {
        var first = FirstSsrc;
        Source Video(uint offset) => new(first + offset, MediaKind.Video, $"{Nick}-v0", $"{Nick}-video-0 t");
        SsrcGroup Group(GroupSemantics semantics, params uint[] offsets) => new(semantics, MediaKind.Video, [.. offsets.Select(offset => first + offset)]);
        var transport = new IceUdpTransport { Ufrag = "client" + Nick, Password = Password, Fingerprints = [new("sha-256", "active", string.Join(':', Enumerable.Repeat("CD", 32)))] };
        return JingleFormat.Format(new JingleMessage
        {
            Action = JingleAction.SessionAccept,
            Sid = sid,
            Contents =
            [
                new JingleContent { Name = "audio", Creator = "responder", Transport = transport, Description = new RtpDescription { Media = "audio", Sources = [new(null, new(first, MediaKind.Audio, $"{Nick}-a0", $"{Nick}-audio-0 t"))] } },
                new JingleContent
                {
                    Name = "video",
                    Creator = "responder",
                    Transport = transport,
                    InitialLastN = 20,
                    Description = new RtpDescription
                    {
                        Media = "video",
                        Sources = [.. Enumerable.Range(1, 6).Select(offset => new OwnedSource(null, Video((uint)offset)))],
                        Groups = [Group(GroupSemantics.Sim, 1, 2, 3), Group(GroupSemantics.Fid, 1, 4), Group(GroupSemantics.Fid, 2, 5), Group(GroupSemantics.Fid, 3, 6)],
                    },
                },
            ],
        });
    }

    public static JingleMessage Read(XmppElement jingle)
    {
        Assert.True(JingleParser.TryParse(jingle, out var message, out var error), error.ToString());
        return message;
    }
}
