using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

/// <summary>Makes the session-accept for an offer, and source-add and source-remove, in the order that clients write them.</summary>
internal static class SessionAnswer
{
    private const int InitialLastN = 20;

    public static XmppElement Accept(JingleMessage offer, LocalMedia local, string initiator, string responder) => JingleFormat.Format(new JingleMessage
    {
        Action = JingleAction.SessionAccept,
        Sid = offer.Sid,
        Initiator = initiator,
        Responder = responder,
        Group = offer.Group,
        Contents = [.. offer.Contents.Select(content => Content(content, local))],
    });

    public static XmppElement Sources(JingleAction action, JingleMessage offer, SourceSet sources, string initiator) => JingleFormat.Format(new JingleMessage
    {
        Action = action,
        Sid = offer.Sid,
        Initiator = initiator,
        Contents =
        [
            .. new[] { MediaKind.Audio, MediaKind.Video }.Where(kind => sources.Has(kind)).Select(kind => new JingleContent
            {
                Name = Name(kind),
                Creator = "responder",
                Senders = "both",
                Description = Describe(new RtpDescription { Media = Name(kind) }, sources, kind),
            }),
        ],
    });

    private static JingleContent Content(JingleContent offered, LocalMedia local)
    {
        var media = offered.Description?.Media ?? offered.Name;
        if (media == "application")
        {
            return new JingleContent
            {
                Name = offered.Name,
                Creator = "responder",
                Senders = "both",
                Description = new RtpDescription { Media = media },
                Transport = local.Transport with { SctpMap = new SctpMap(5000, "webrtc-datachannel", 0) },
            };
        }

        var kind = media == "video" ? MediaKind.Video : MediaKind.Audio;
        var description = new RtpDescription
        {
            Media = media,
            RtcpMux = true,
            ExtmapAllowMixed = offered.Description!.ExtmapAllowMixed,
            PayloadTypes = offered.Description.PayloadTypes,
            HeaderExtensions = offered.Description.HeaderExtensions,
        };
        return new JingleContent
        {
            Name = offered.Name,
            Creator = "responder",
            Senders = "both",
            InitialLastN = kind == MediaKind.Video ? InitialLastN : null,
            Description = Describe(description, local.Sources, kind),
            Transport = local.Transport,
        };
    }

    private static RtpDescription Describe(RtpDescription description, SourceSet sources, MediaKind kind)
    {
        var own = sources.Of(kind);
        return description with { Sources = [.. own.Sources.Select(source => new OwnedSource(null, source))], Groups = own.Groups };
    }

    private static string Name(MediaKind kind) => kind == MediaKind.Video ? "video" : "audio";
}
