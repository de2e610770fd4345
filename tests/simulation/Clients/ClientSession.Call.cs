using JitsiMesh.Jingle;
using JitsiMesh.Simulation.Tests.Runs;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Simulation.Tests.Clients;

public sealed record OwnSource(uint Ssrc, string Name, MediaKind Kind, VideoType Type)
{
    public Source ToSource() => new(Ssrc, Kind, Name, $"{Name}-stream {Name}-track", Type);
}

/// <summary>The Jingle session with focus, and the owners of the signalled sources.</summary>
public sealed partial class ClientSession
{
    private static readonly string[] Features =
    [
        "urn:xmpp:jingle:apps:rtp:audio", "urn:xmpp:jingle:apps:rtp:video", "urn:xmpp:jingle:transports:dtls-sctp:1", "urn:ietf:rfc:4588", "http://jitsi.org/json-encoded-sources",
    ];

    private readonly HashSet<string> _cleanedUp = new(StringComparer.Ordinal);

    public List<OwnSource> OwnSources { get; } = [];

    /// <summary>SSRCs by owner, as session-initiate, source-add and source-remove made them.</summary>
    public Dictionary<string, HashSet<uint>> RemoteSources { get; } = new(StringComparer.Ordinal);

    public string? Sid { get; private set; }

    /// <summary>Focus has acknowledged the accept.</summary>
    public bool HasMedia { get; private set; }

    public bool IsSharing => OwnSources.Exists(source => source.Type == VideoType.Desktop);

    public void StartSharing()
    {
        if (!HasMedia || IsSharing) return;
        var screen = new OwnSource(_client.NewSsrc(), $"{Nick}-v1", MediaKind.Video, VideoType.Desktop);
        OwnSources.Add(screen);
        SendSources(JingleAction.SourceAdd, [screen]);
    }

    public void StopSharing()
    {
        if (!HasMedia || OwnSources.Find(source => source.Type == VideoType.Desktop) is not { } screen) return;
        OwnSources.Remove(screen);
        SendSources(JingleAction.SourceRemove, [screen]);
    }

    private void SendSources(JingleAction action, IReadOnlyList<OwnSource> sources)
    {
        var message = new JingleMessage { Action = action, Sid = Sid!, Initiator = "focus", Contents = [Content(MediaKind.Video, sources, transport: null)] };
        var sid = Sid;
        Request($"{Room}/focus", "set", JingleFormat.Format(message), action == JingleAction.SourceAdd ? "source-add" : "source-remove", answer =>
        {
            if (answer["type"] == "error" && Sid == sid && sid is not null) throw new InvariantException($"{Nick}: focus refused sources: {answer}");
        });
    }

    private void ReceiveRequest(XmppElement iq)
    {
        if (iq.Child("query", Namespaces.DiscoInfo) is { } query)
        {
            var info = new XmppElement("query", Namespaces.DiscoInfo, ("node", query["node"]));
            foreach (var feature in Features) info.Add(new XmppElement("feature", Namespaces.DiscoInfo, ("var", feature)));
            Send(Stanzas.Result(iq, info));
            return;
        }

        Send(Stanzas.Result(iq));
        if (iq.Child("mute") is { } mute && mute.Text == "true" && IsIn && !AudioMuted) Mute(true);
        if (iq.Child("jingle", JingleNamespaces.Jingle) is not { } jingle) return;
        if (!JingleParser.TryParse(jingle, out var message, out var error)) throw new InvariantException($"{Nick} cannot read the Jingle of focus: {error}");
        switch (message.Action)
        {
            case JingleAction.SessionInitiate:
                EndCall();
                Sid = message.Sid;
                Apply(message, add: true);
                After(2, 15, () => Accept(message.Sid));
                break;
            case JingleAction.SourceAdd when message.Sid == Sid:
                Apply(message, add: true);
                break;
            case JingleAction.SourceRemove when message.Sid == Sid:
                Apply(message, add: false);
                break;
            case JingleAction.SessionTerminate when message.Sid == Sid:
                EndCall();
                break;
        }
    }

    private void Accept(string sid)
    {
        if (Sid != sid || !IsIn) return;
        var accept = new JingleMessage
        {
            Action = JingleAction.SessionAccept,
            Sid = sid,
            Initiator = "focus",
            Responder = FullJid,
            Contents =
            [
                Content(MediaKind.Audio, [.. OwnSources.Where(source => source.Kind == MediaKind.Audio)], Transport()),
                Content(MediaKind.Video, [.. OwnSources.Where(source => source.Kind == MediaKind.Video)], Transport()),
            ],
        };
        HasMedia = true;
        Request($"{Room}/focus", "set", JingleFormat.Format(accept), "accept", answer =>
        {
            if (answer["type"] == "error" && Sid == sid) HasMedia = false;
        });
    }

    private void EndCall()
    {
        Sid = null;
        HasMedia = false;
        RemoteSources.Clear();
    }

    private void Apply(JingleMessage message, bool add)
    {
        foreach (var (owner, ssrc) in Named(message))
        {
            if (owner is null or "jvb") continue;
            var known = RemoteSources.TryGetValue(owner, out var set) ? set : RemoteSources[owner] = [];
            // The client removed the sources of a leaver by itself, and may be told to remove them nevertheless.
            if (add ? !known.Add(ssrc) : !known.Remove(ssrc) && !_cleanedUp.Contains(owner)) throw new InvariantException($"{Nick} was told to {(add ? "add" : "remove")} {ssrc} of {owner} twice");
            if (known.Count == 0) RemoteSources.Remove(owner);
        }
    }

    private static IEnumerable<(string? Owner, uint Ssrc)> Named(JingleMessage message) => message.CompactSources is { } compact
        ? compact.Entries.SelectMany(entry => entry.Value.Sources.Select(source => ((string?)entry.Key, source.Ssrc)))
        : message.Contents.SelectMany(content => content.Description?.Sources ?? []).Select(owned => (owned.Owner, owned.Source.Ssrc));

    private static JingleContent Content(MediaKind kind, IReadOnlyList<OwnSource> sources, IceUdpTransport? transport) => new()
    {
        Name = kind == MediaKind.Audio ? "audio" : "video",
        Creator = "responder",
        Senders = "both",
        Description = new RtpDescription
        {
            Media = kind == MediaKind.Audio ? "audio" : "video",
            Sources = [.. sources.Select(source => new OwnedSource(null, source.ToSource()))],
        },
        Transport = transport,
    };

    private static IceUdpTransport Transport() => new()
    {
        Ufrag = "client",
        Password = "0123456789012345678901",
        Fingerprints = [new DtlsFingerprint("sha-256", "active", string.Join(':', Enumerable.Repeat("CD", 32)))],
    };
}
