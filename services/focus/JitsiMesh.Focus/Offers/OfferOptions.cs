namespace JitsiMesh.Focus.Offers;

/// <summary>The complete offer, before features that a client lacks are removed.</summary>
public sealed record OfferOptions
{
    public const int DefaultRedPayloadType = 112;

    public VideoCodec Av1 { get; init; } = new(41, 42);

    public VideoCodec Vp8 { get; init; } = new(100, 96);

    public VideoCodec H264 { get; init; } = new(107, 99);

    public VideoCodec Vp9 { get; init; } = new(101, 97);

    public int OpusPayloadType { get; init; } = 111;

    public int OpusMinPtime { get; init; } = 10;

    public bool OpusInbandFec { get; init; } = true;

    /// <summary>0: not offered.</summary>
    public int RedPayloadType { get; init; }

    public int TelephoneEventPayloadType { get; init; } = 126;

    /// <summary>The <c>mid</c> header extension (RFC 9143).</summary>
    public bool Mid { get; init; } = true;

    public bool ExtmapAllowMixed { get; init; } = true;
}

/// <param name="PayloadType">0: not offered.</param>
/// <param name="RtxPayloadType">0: without retransmissions.</param>
public sealed record VideoCodec(int PayloadType, int RtxPayloadType);
