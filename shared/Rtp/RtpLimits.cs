namespace JitsiMesh.Rtp;

/// <summary>What this library refuses or cuts, and what then happens.</summary>
public static class RtpLimits
{
    /// <summary>RFC 3550 section 5.1: the header before CSRCs and extensions.</summary>
    public const int FixedHeaderLength = 12;

    /// <summary>Bytes of extension elements in a rebuilt header; a further element is refused by the builder. 255 is the longest two-byte element.</summary>
    public const int MaxExtensionBytes = 1024;

    /// <summary>Packets read from one compound; the rest is left unread. A datagram of 1500 bytes cannot hold more than 375.</summary>
    public const int MaxPacketsInCompound = 64;

    /// <summary>Report blocks in one SR or RR: the count field has five bits.</summary>
    public const int MaxReportBlocks = 31;

    /// <summary>Statuses read from one transport-wide feedback; a longer one is refused. 2^15 is where sequence comparison loses its meaning.</summary>
    public const int MaxTransportFeedbackStatuses = 32767;

    /// <summary>Templates in one dependency structure: the template id has six bits. More is refused as malformed.</summary>
    public const int MaxTemplates = 64;

    /// <summary>Decode targets in one dependency structure: the count has five bits.</summary>
    public const int MaxDecodeTargets = 32;

    /// <summary>Spatial ids have two bits.</summary>
    public const int MaxSpatialLayers = 4;

    /// <summary>Frame differences kept of one frame or template; a descriptor with more is refused.</summary>
    public const int MaxFrameDiffs = 16;
}
