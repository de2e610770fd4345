namespace JitsiMesh.Jingle;

/// <summary>The RTP application format (XEP-0167), with feedback (XEP-0293), header extensions (XEP-0294) and sources (XEP-0339).</summary>
public sealed record RtpDescription
{
    /// <summary>audio, video or application.</summary>
    public required string Media { get; init; }

    public string? MaxPtime { get; init; }

    public IReadOnlyList<PayloadType> PayloadTypes { get; init; } = [];

    public IReadOnlyList<HeaderExtension> HeaderExtensions { get; init; } = [];

    public bool ExtmapAllowMixed { get; init; }

    public bool RtcpMux { get; init; }

    /// <summary>Each with its owner, if the message names it.</summary>
    public IReadOnlyList<OwnedSource> Sources { get; init; } = [];

    public IReadOnlyList<SsrcGroup> Groups { get; init; } = [];
}

public sealed record PayloadType
{
    /// <summary>0 to 127.</summary>
    public required int Id { get; init; }

    public string Name { get; init; } = "";

    public int ClockRate { get; init; }

    /// <summary>1 is omitted when written.</summary>
    public int Channels { get; init; } = 1;

    public IReadOnlyList<PayloadTypeParameter> Parameters { get; init; } = [];

    public IReadOnlyList<RtcpFeedback> Feedback { get; init; } = [];
}

/// <param name="Name">Null for a value that is the whole fmtp line (RED's <c>111/111</c>).</param>
public readonly record struct PayloadTypeParameter(string? Name, string Value);

/// <param name="Type">nack, ccm, transport-cc, goog-remb …</param>
/// <param name="Subtype">pli, fir …</param>
public readonly record struct RtcpFeedback(string Type, string? Subtype = null);

public readonly record struct HeaderExtension(int Id, string Uri);
