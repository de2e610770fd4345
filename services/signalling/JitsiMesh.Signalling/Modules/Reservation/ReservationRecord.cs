using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Signalling.Modules.Reservation;

internal enum ReservationPhase
{
    /// <summary>Nobody has asked: the room is from before reservations were switched on, or not to be opened.</summary>
    None,

    Asking,

    Granted,
}

/// <summary>A room's reservation as it is stored, so that another owner continues with it.</summary>
internal sealed record ReservationRecord
{
    public static readonly ReservationRecord Unasked = new();

    public ReservationPhase Phase { get; init; }

    /// <summary>Stands in the answer of the reservation system.</summary>
    public string Attempt { get; init; } = "";

    public string MailOwner { get; init; } = "";

    public DateTimeOffset Asked { get; init; }

    /// <summary>Conference requests that wait for the answer, as envelopes.</summary>
    public IReadOnlyList<StanzaEnvelope> Waiting { get; init; } = [];

    /// <summary>The id under which the reservation system knows it; empty before it is granted.</summary>
    public string Id { get; init; } = "";

    public DateTimeOffset Ends { get; init; }

    /// <summary>People that the reservation is for; 0 for no bound of its own.</summary>
    public int MaximumOccupants { get; init; }

    /// <summary>Somebody has been in the room.</summary>
    public bool Used { get; init; }
}
