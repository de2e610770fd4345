namespace JitsiMesh.Sctp.DataChannels;

/// <summary>The properties of a channel to open (RFC 8832 section 5.1).</summary>
public sealed record DataChannelOptions
{
    public string Label { get; init; } = "";

    public string Protocol { get; init; } = "";

    public bool Ordered { get; init; } = true;

    /// <summary>Partial reliability: give a message up after so many repetitions. Not together with <see cref="MaxLifetime"/>.</summary>
    public int? MaxRetransmits { get; init; }

    /// <summary>Partial reliability: give a message up when it is older than this.</summary>
    public TimeSpan? MaxLifetime { get; init; }
}
