using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Offers;

/// <summary>The content of a session-initiate.</summary>
public sealed record SessionOffer
{
    public required string Sid { get; init; }

    public required string Initiator { get; init; }

    public required IReadOnlyList<RtpDescription> Media { get; init; }

    /// <summary>The bridge's transport; with an SCTP map the offer has a data content.</summary>
    public required IceUdpTransport Transport { get; init; }

    public required SourceMap Sources { get; init; }

    public bool JsonSources { get; init; }

    public StartMuted? StartMuted { get; init; }

    public required BridgeSessionInfo BridgeSession { get; init; }

    /// <summary>
    /// One transport, copied into every content. Sources go into the descriptions or, for clients that support the compact encoding, beside the contents. BUNDLE is mandatory:
    /// without the group a client cannot add a media line later.
    /// </summary>
    public JingleMessage ToMessage()
    {
        var plain = Transport with { SctpMap = null };
        var contents = new List<JingleContent>();
        foreach (var media in Media)
        {
            var description = JsonSources ? media : WithSources(media);
            contents.Add(new JingleContent { Name = media.Media, Senders = "both", Description = description, Transport = plain });
        }

        if (Transport.SctpMap is not null)
        {
            contents.Add(new JingleContent { Name = "data", Senders = "both", Description = new RtpDescription { Media = "application", RtcpMux = true }, Transport = Transport });
        }

        return new JingleMessage
        {
            Action = JingleAction.SessionInitiate,
            Initiator = Initiator,
            Sid = Sid,
            Contents = contents,
            Group = new ContentGroup("BUNDLE", [.. contents.Select(content => content.Name)]),
            StartMuted = StartMuted is { Audio: false, Video: false } ? null : StartMuted,
            BridgeSession = BridgeSession,
            CompactSources = JsonSources && !Sources.IsEmpty ? Sources : null,
        };
    }

    private RtpDescription WithSources(RtpDescription media)
    {
        var kind = media.Media == "audio" ? MediaKind.Audio : MediaKind.Video;
        return media with { Sources = SourceUpdates.Owned(Sources, kind), Groups = SourceUpdates.Groups(Sources, kind) };
    }
}
