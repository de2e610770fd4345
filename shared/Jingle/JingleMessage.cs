namespace JitsiMesh.Jingle;

/// <summary>One <c>&lt;jingle&gt;</c> element (XEP-0166 section 7) with Jitsi's extensions. Written and parsed by <see cref="JingleFormat"/> and <see cref="JingleParser"/>.</summary>
public sealed record JingleMessage
{
    public required JingleAction Action { get; init; }

    public required string Sid { get; init; }

    public string? Initiator { get; init; }

    public string? Responder { get; init; }

    public IReadOnlyList<JingleContent> Contents { get; init; } = [];

    public ContentGroup? Group { get; init; }

    public JingleReason? Reason { get; init; }

    public BridgeSessionInfo? BridgeSession { get; init; }

    public StartMuted? StartMuted { get; init; }

    /// <summary>The <c>ice-state</c> of a session-info from old clients, for instance <c>failed</c>.</summary>
    public string? IceState { get; init; }

    /// <summary>Sources in the compact encoding, from the <c>json-message</c> child; null when there is none.</summary>
    public SourceMap? CompactSources { get; init; }
}

/// <summary>XEP-0166 section 7.4.</summary>
/// <param name="Condition">The element's name, for instance <c>success</c> or <c>connectivity-error</c>.</param>
public sealed record JingleReason(string Condition, string? Text = null);

/// <summary>XEP-0338: contents that share one transport.</summary>
public sealed record ContentGroup(string Semantics, IReadOnlyList<string> Contents);

/// <summary>The bridge session of the conference that the offer belongs to; a client returns it when it reports a failure.</summary>
public sealed record BridgeSessionInfo(string Id, string? Region = null)
{
    /// <summary>In a session-terminate: the client requests a new session.</summary>
    public bool Restart { get; init; }

    /// <summary>In a session-info: the client requests new ICE credentials within the session.</summary>
    public bool IceRestart { get; init; }
}

public sealed record StartMuted(bool Audio, bool Video);

/// <summary>XEP-0166 section 7.3.</summary>
public sealed record JingleContent
{
    public required string Name { get; init; }

    /// <summary>initiator or responder.</summary>
    public string Creator { get; init; } = "initiator";

    /// <summary>both, initiator, responder, none; null when absent, which means both.</summary>
    public string? Senders { get; init; }

    public RtpDescription? Description { get; init; }

    public IceUdpTransport? Transport { get; init; }

    /// <summary>The number of videos that the client requests before its bridge channel is open; null if unspecified.</summary>
    public int? InitialLastN { get; init; }
}
