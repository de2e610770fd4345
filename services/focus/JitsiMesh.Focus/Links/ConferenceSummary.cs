using JitsiMesh.Focus.Conferences;

namespace JitsiMesh.Focus.Links;

/// <summary>A conference as pages show it.</summary>
public sealed record ConferenceSummary
{
    public required string Room { get; init; }

    public required string MeetingId { get; init; }

    public required string Phase { get; init; }

    public required IReadOnlyList<string> Bridges { get; init; }

    public required int PendingCalls { get; init; }

    public required int PendingIqs { get; init; }

    public required IReadOnlyList<ParticipantSummary> Participants { get; init; }

    public static ConferenceSummary Of(Conference conference)
    {
        var core = conference.Document.Core;
        return new ConferenceSummary
        {
            Room = core.Room,
            MeetingId = core.MeetingId,
            Phase = core.Phase.ToString(),
            Bridges = [.. core.BridgeSessions.Select(session => session.BridgeId)],
            PendingCalls = conference.Document.Calls.Count(),
            PendingIqs = core.PendingIqs.Length,
            Participants =
            [
                .. conference.Document.Participants.Select(participant => new ParticipantSummary(
                    participant.Nick, participant.Affiliation, participant.Session?.Phase.ToString() ?? "None", participant.Features?.ToString() ?? "unknown", participant.Sources.Sources.Count)),
            ],
        };
    }
}

public sealed record ParticipantSummary(string Endpoint, string Affiliation, string Session, string Features, int Sources);
