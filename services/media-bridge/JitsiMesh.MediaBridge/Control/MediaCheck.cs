using JitsiMesh.Contracts.Bridge;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Reads payload types and header extensions of a request; says what is wrong with them.</summary>
internal static class MediaCheck
{
    public static string? Find(IList<MediaDescription> media)
    {
        if (media.Count > RequestLimits.MediaDescriptions) return "too many media descriptions";
        foreach (var description in media)
        {
            if (description.Type is not (MediaType.Audio or MediaType.Video)) return "a description's media type is missing";
            if (description.PayloadTypes.Count > RequestLimits.PayloadTypes || description.HeaderExtensions.Count > RequestLimits.HeaderExtensions) return "too many payload types or header extensions";
            foreach (var payload in description.PayloadTypes)
            {
                if (Find(payload) is { } problem) return problem;
            }

            foreach (var extension in description.HeaderExtensions)
            {
                // RFC 8285 section 4.3: 1 to 255 with two-byte headers.
                if (extension.Id is < 1 or > 255) return "a header extension's id is none";
                if (!RequestCheck.IsText(extension.Uri, RequestLimits.TextLength)) return "a header extension's URI is too long or none";
            }
        }

        return null;
    }

    private static string? Find(PayloadTypeDescription payload)
    {
        if (payload.Id is < 0 or > 127) return "a payload type is none";
        if (!RequestCheck.IsText(payload.Name, RequestLimits.TextLength)) return "a codec's name is too long or none";
        if (payload.ClockRate < 0 || payload.Channels < 0) return "a clock rate or a number of channels is negative";
        if (payload.Parameters.Count > RequestLimits.PayloadTypeDetails || payload.RtcpFeedback.Count > RequestLimits.PayloadTypeDetails) return "a payload type has too many parameters or feedback kinds";
        foreach (var (name, value) in payload.Parameters)
        {
            if (!RequestCheck.IsText(name, RequestLimits.TextLength) || !RequestCheck.IsText(value, RequestLimits.ParameterLength)) return "a payload type's parameter is too long or none";
        }

        foreach (var feedback in payload.RtcpFeedback)
        {
            if (!RequestCheck.IsText(feedback.Type, RequestLimits.TextLength) || !RequestCheck.IsText(feedback.Subtype, RequestLimits.TextLength)) return "a feedback kind is too long or none";
        }

        return null;
    }
}
