namespace JitsiMesh.Rtp;

/// <summary>Limits of this library, and the consequence at each limit.</summary>
public static class RtpLimits
{
    /// <summary>RFC 3550 section 5.1: the header before CSRCs and extensions.</summary>
    public const int FixedHeaderLength = 12;

    /// <summary>Bytes of extension elements in a rebuilt header; a further element is refused by the builder. 255 is the longest two-byte element.</summary>
    public const int MaxExtensionBytes = 1024;

    /// <summary>Packets parsed from one compound; the rest is ignored. A datagram of 1500 bytes cannot contain more than 375.</summary>
    public const int MaxPacketsInCompound = 64;

    /// <summary>Report blocks in one SR or RR: the count field has five bits.</summary>
    public const int MaxReportBlocks = 31;

    /// <summary>Statuses parsed from one transport-wide feedback; a longer one is refused. From 2^15 on sequence comparison is ambiguous.</summary>
    public const int MaxTransportFeedbackStatuses = 32767;

    /// <summary>Templates in one dependency structure: the template id has six bits. More are refused as malformed.</summary>
    public const int MaxTemplates = 64;

    /// <summary>Decode targets in one dependency structure: the count has five bits.</summary>
    public const int MaxDecodeTargets = 32;

    /// <summary>Spatial ids have two bits.</summary>
    public const int MaxSpatialLayers = 4;

    /// <summary>Frame differences of one frame or template; a descriptor with more is refused.</summary>
    public const int MaxFrameDiffs = 16;
}
