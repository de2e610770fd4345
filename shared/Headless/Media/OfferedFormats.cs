using JitsiMesh.Jingle;

namespace JitsiMesh.Headless.Media;

/// <summary>Reads payload types and extension ids from an offer.</summary>
public static class OfferedFormats
{
    private const string AudioLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    private const string TransportCcUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    /// <summary>The options with the numbers of the offer. Payload types that the offer lacks keep their numbers; an extension that is not offered is 0.</summary>
    public static HeadlessEndpointOptions Apply(HeadlessEndpointOptions options, JingleMessage offer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(offer);
        var descriptions = offer.Contents.Select(c => c.Description).OfType<RtpDescription>().ToList();
        var types = descriptions.SelectMany(d => d.PayloadTypes).ToList();
        var extensions = descriptions.SelectMany(d => d.HeaderExtensions).ToList();
        var opus = Find(types, "opus") ?? options.OpusPayloadType;
        var vp8 = Find(types, "VP8") ?? options.Vp8PayloadType;
        var rtx = types.FirstOrDefault(t => t.Name == "rtx" && t.Parameters.Any(p => p.Name == "apt" && p.Value == vp8.ToString(System.Globalization.CultureInfo.InvariantCulture)))?.Id;
        return options with
        {
            OpusPayloadType = (byte)opus,
            Vp8PayloadType = (byte)vp8,
            RtxPayloadType = (byte)(rtx ?? options.RtxPayloadType),
            AudioLevelExtension = extensions.FirstOrDefault(e => e.Uri == AudioLevelUri).Id,
            TransportCcExtension = extensions.FirstOrDefault(e => e.Uri == TransportCcUri).Id,
        };
    }

    private static int? Find(List<PayloadType> types, string name) => types.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase))?.Id;
}
