using System.Globalization;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Offers;

/// <summary>Payload types and header extensions for one participant. The session-initiate and the bridge get the same description: if the numbers differ, media are dropped without an error.</summary>
public static class OfferFactory
{
    private const string AudioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    private const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
    private const string TransportCcUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    private const string AbsSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    private const string DependencyDescriptor = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

    // One parameter holds the whole line, because clients print its value verbatim.
    private const string H264Profile = "42e01f;level-asymmetry-allowed=1;packetization-mode=1;";

    /// <summary>Audio and video if the participant supports them, in that order.</summary>
    public static IReadOnlyList<RtpDescription> Create(ParticipantFeatures features, OfferOptions options)
    {
        var media = new List<RtpDescription>();
        if (features.HasFlag(ParticipantFeatures.Audio)) media.Add(Audio(features, options));
        if (features.HasFlag(ParticipantFeatures.Video)) media.Add(Video(features, options));
        return media;
    }

    private static RtpDescription Audio(ParticipantFeatures features, OfferOptions options)
    {
        var red = options.RedPayloadType > 0 && features.HasFlag(ParticipantFeatures.Red);
        var types = new List<PayloadType>();
        if (red)
        {
            var opus = Number(options.OpusPayloadType);
            types.Add(new PayloadType { Id = options.RedPayloadType, Name = "red", ClockRate = 48000, Channels = 2, Parameters = [new(null, $"{opus}/{opus}")] });
        }

        if (options.OpusPayloadType > 0)
        {
            var parameters = new List<PayloadTypeParameter> { new("minptime", Number(options.OpusMinPtime)) };
            if (options.OpusInbandFec && !red) parameters.Add(new("useinbandfec", "1"));
            types.Add(new PayloadType
            {
                Id = options.OpusPayloadType,
                Name = "opus",
                ClockRate = 48000,
                Channels = 2,
                Parameters = parameters,
                Feedback = features.HasFlag(ParticipantFeatures.TransportCc) ? [new("transport-cc")] : [],
            });
        }

        if (options.TelephoneEventPayloadType > 0) types.Add(new PayloadType { Id = options.TelephoneEventPayloadType, Name = "telephone-event", ClockRate = 8000 });
        var extensions = new List<HeaderExtension> { new(1, AudioLevel) };
        if (options.Mid) extensions.Add(new(10, MidUri));
        if (features.HasFlag(ParticipantFeatures.TransportCc)) extensions.Add(new(5, TransportCcUri));
        return new RtpDescription { Media = "audio", MaxPtime = "60", PayloadTypes = types, HeaderExtensions = extensions, ExtmapAllowMixed = options.ExtmapAllowMixed, RtcpMux = true };
    }

    private static RtpDescription Video(ParticipantFeatures features, OfferOptions options)
    {
        var types = new List<PayloadType>();
        foreach (var (name, codec) in new[] { ("AV1", options.Av1), ("VP8", options.Vp8), ("H264", options.H264), ("VP9", options.Vp9) })
        {
            if (codec.PayloadType <= 0) continue;
            types.Add(new PayloadType
            {
                Id = codec.PayloadType,
                Name = name,
                ClockRate = 90000,
                Parameters = name == "H264" ? [new("profile-level-id", H264Profile)] : [],
                Feedback = VideoFeedback(features),
            });
        }

        if (features.HasFlag(ParticipantFeatures.Rtx))
        {
            foreach (var codec in new[] { options.Av1, options.Vp8, options.Vp9, options.H264 })
            {
                if (codec.PayloadType <= 0 || codec.RtxPayloadType <= 0) continue;
                types.Add(new PayloadType
                {
                    Id = codec.RtxPayloadType,
                    Name = "rtx",
                    ClockRate = 90000,
                    Parameters = [new("apt", Number(codec.PayloadType))],
                    Feedback = codec == options.H264 ? [] : [new("ccm", "fir"), new("nack"), new("nack", "pli")],
                });
            }
        }

        var extensions = new List<HeaderExtension> { new(11, DependencyDescriptor) };
        if (options.Mid) extensions.Add(new(10, MidUri));
        extensions.Add(new(3, AbsSendTime));
        if (features.HasFlag(ParticipantFeatures.TransportCc)) extensions.Add(new(5, TransportCcUri));
        return new RtpDescription { Media = "video", PayloadTypes = types, HeaderExtensions = extensions, ExtmapAllowMixed = options.ExtmapAllowMixed, RtcpMux = true };
    }

    private static List<RtcpFeedback> VideoFeedback(ParticipantFeatures features)
    {
        var feedback = new List<RtcpFeedback> { new("ccm", "fir"), new("nack"), new("nack", "pli") };
        if (features.HasFlag(ParticipantFeatures.TransportCc)) feedback.Add(new("transport-cc"));
        else if (features.HasFlag(ParticipantFeatures.Remb)) feedback.Add(new("goog-remb"));
        return feedback;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
