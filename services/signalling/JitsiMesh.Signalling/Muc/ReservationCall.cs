namespace JitsiMesh.Signalling.Muc;

/// <summary>A question to the reservation system. Its answer comes back to the room as a stanza.</summary>
/// <param name="Room">The stored bare JID of the room.</param>
/// <param name="Attempt">Stands in the answer, so that one to an older question counts for nothing.</param>
/// <param name="MailOwner">Who asks for the room: a bare JID.</param>
/// <param name="StartTime">When it was asked for.</param>
/// <param name="EndedId">For a room that is over: the reservation's id. Null for one that is to be opened.</param>
public sealed record ReservationCall(string Room, string Attempt, string MailOwner, DateTimeOffset StartTime, string? EndedId = null);

/// <summary>What has become of a room since a reservation of it ended.</summary>
public enum EndedReservationStanding
{
    /// <summary>The reservation is nobody's any more.</summary>
    Over,

    /// <summary>The room opens again: the reservation system may be about to name the same reservation.</summary>
    Undecided,

    /// <summary>The room is open again with the same reservation.</summary>
    InUse,
}

/// <summary>The reservation system as rooms see it.</summary>
public interface IReservationSystem
{
    /// <summary>Asks for a room. Never waits, and never throws.</summary>
    void Begin(ReservationCall call);

    /// <summary>Keeps that a room is over (<see cref="ReservationCall.EndedId"/>), so that the reservation system is told even if this process dies. Throws what the store throws.</summary>
    Task EndAsync(ReservationCall ended, CancellationToken cancellation);
}
