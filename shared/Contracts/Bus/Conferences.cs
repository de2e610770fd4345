namespace JitsiMesh.Contracts.Bus;

public sealed record ConferenceStarted
{
    public required string MeetingId { get; init; }

    public required string Room { get; init; }
}

public sealed record ConferenceEnded
{
    public required string MeetingId { get; init; }

    public required string Room { get; init; }

    public required string Reason { get; init; }
}
