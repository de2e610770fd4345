using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

/// <summary>Events of a participant for its owner.</summary>
public abstract record ParticipantEvent
{
    private ParticipantEvent()
    {
    }

    public sealed record Joined : ParticipantEvent;

    public sealed record OccupantJoined(string Nick) : ParticipantEvent;

    /// <param name="Nick">The nick of the leaver.</param>
    /// <param name="Kicked">The moderator that kicked it, or null.</param>
    public sealed record OccupantLeft(string Nick, string? Kicked) : ParticipantEvent;

    /// <summary>We are out of the room.</summary>
    /// <param name="KickedBy">The moderator that kicked this participant, or null for its own leave.</param>
    public sealed record Left(string? KickedBy) : ParticipantEvent;

    /// <summary>An offer: make an endpoint, then <see cref="HeadlessParticipant.Accept"/>.</summary>
    public sealed record Offered(JingleMessage Offer) : ParticipantEvent;

    public sealed record SourcesAdded(SourceMap Sources) : ParticipantEvent;

    public sealed record SourcesRemoved(SourceMap Sources) : ParticipantEvent;

    /// <summary>The focus took the session back.</summary>
    public sealed record Terminated(JingleReason? Reason) : ParticipantEvent;

    /// <summary>A moderator's order.</summary>
    public sealed record Muted(MediaKind Kind, string? Actor) : ParticipantEvent;

    /// <summary>A message of the room that has a body.</summary>
    public sealed record MessageReceived(string? Nick, string Body) : ParticipantEvent;

    /// <summary>A request of this participant was refused.</summary>
    public sealed record Refused(string What, StanzaError Error) : ParticipantEvent;
}
