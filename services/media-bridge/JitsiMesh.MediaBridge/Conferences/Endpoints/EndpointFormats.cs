using JitsiMesh.Contracts.Bridge;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>One negotiated payload type.</summary>
internal sealed record PayloadFormat(byte Id, Codec Codec, bool IsVideo, int ClockRate, byte AssociatedId);

/// <summary>The payload types and header extensions of one endpoint. Add-only: packets built with the old table are still in flight, so a known entry keeps its meaning.</summary>
internal sealed class EndpointFormats
{
    private readonly PayloadFormat?[] _byId = new PayloadFormat?[128];
    private readonly byte[] _rtxFor = new byte[128];

    public int AudioLevelId { get; private set; }

    public int MidId { get; private set; }

    public int TransportSequenceId { get; private set; }

    public int AbsSendTimeId { get; private set; }

    public int DescriptorId { get; private set; }

    public int OrientationId { get; private set; }

    /// <summary>The endpoint supports transport-wide congestion control.</summary>
    public bool UsesTransportCc { get; private set; }

    /// <summary>The first video payload type, for padding probes.</summary>
    public byte FirstVideoId { get; private set; }

    public bool HasRtx { get; private set; }

    /// <summary>Increases with each addition: headers composed before and after may differ.</summary>
    public int Version { get; private set; }

    public PayloadFormat? Find(byte payloadType) => _byId[payloadType & 0x7F];

    /// <summary>The retransmission payload type of a media payload type; 0: none.</summary>
    public byte RtxFor(byte payloadType) => _rtxFor[payloadType & 0x7F];

    public void Add(IEnumerable<MediaDescription> media)
    {
        Version++;
        foreach (var description in media)
        {
            var isVideo = description.Type == MediaType.Video;
            foreach (var payload in description.PayloadTypes) AddPayload(payload, isVideo);
            foreach (var extension in description.HeaderExtensions) AddExtension(extension);
        }
    }

    private void AddPayload(PayloadTypeDescription payload, bool isVideo)
    {
        if (payload.Id is < 0 or > 127) return;
        foreach (var feedback in payload.RtcpFeedback) UsesTransportCc |= Is(feedback.Type, "transport-cc");
        if (_byId[payload.Id] is not null) return;

        var codec = ReadCodec(payload.Name);
        byte associated = 0;
        if (codec == Codec.Rtx && payload.Parameters.TryGetValue("apt", out var apt) && byte.TryParse(apt, out var primary) && primary < 128)
        {
            associated = primary;
            if (_rtxFor[primary] == 0) _rtxFor[primary] = (byte)payload.Id;
            HasRtx = true;
        }

        _byId[payload.Id] = new PayloadFormat((byte)payload.Id, codec, isVideo, payload.ClockRate, associated);
        if (isVideo && codec != Codec.Rtx && FirstVideoId == 0) FirstVideoId = (byte)payload.Id;
    }

    private void AddExtension(HeaderExtension extension)
    {
        if (extension.Id is < 1 or > 255) return;
        switch (extension.Uri)
        {
            case AudioLevel.Uri when AudioLevelId == 0:
                AudioLevelId = extension.Id;
                break;
            case "urn:ietf:params:rtp-hdrext:sdes:mid" when MidId == 0:
                MidId = extension.Id;
                break;
            case "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01" when TransportSequenceId == 0:
                TransportSequenceId = extension.Id;
                break;
            case AbsSendTime.Uri when AbsSendTimeId == 0:
                AbsSendTimeId = extension.Id;
                break;
            case Av1DependencyDescriptor.Uri when DescriptorId == 0:
                DescriptorId = extension.Id;
                break;
            case "urn:3gpp:video-orientation" when OrientationId == 0:
                OrientationId = extension.Id;
                break;
        }
    }

    private static bool Is(string text, string expected) => string.Equals(text, expected, StringComparison.OrdinalIgnoreCase);

    private static Codec ReadCodec(string name) => name.ToUpperInvariant() switch
    {
        "OPUS" => Codec.Opus,
        "RED" => Codec.Red,
        "VP8" => Codec.Vp8,
        "VP9" => Codec.Vp9,
        "H264" => Codec.H264,
        "AV1" or "AV1X" => Codec.Av1,
        "RTX" => Codec.Rtx,
        _ => Codec.Other,
    };
}
