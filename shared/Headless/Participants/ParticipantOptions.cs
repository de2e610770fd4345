namespace JitsiMesh.Headless.Participants;

/// <summary>The identity of a participant, its room, and the kind of its client.</summary>
public sealed record ParticipantOptions
{
    public string Domain { get; init; } = "meet.jitsi";

    /// <summary>The account for the login on the domain; anonymous when null.</summary>
    public Streams.ClientLogin? Login { get; init; }

    public string MucDomain { get; init; } = "muc.meet.jitsi";

    /// <summary>Where conference requests go; <c>focus.DOMAIN</c> when null.</summary>
    public string? FocusAddress { get; init; }

    /// <summary>The room's name, without domain.</summary>
    public required string Room { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>Sources arrive as compact JSON; else as XML.</summary>
    public bool JsonSources { get; init; } = true;

    /// <summary>The bridge maps sources to a fixed set of SSRCs.</summary>
    public bool SsrcRewriting { get; init; } = true;

    /// <summary>The bridge channel may be an SCTP data channel; otherwise it is a WebSocket.</summary>
    public bool DataChannel { get; init; } = true;

    public bool SendsAudio { get; init; } = true;

    public bool SendsVideo { get; init; } = true;

    public string RoomJid => $"{Room}@{MucDomain}";

    public string Focus => FocusAddress ?? "focus." + Domain;
}
