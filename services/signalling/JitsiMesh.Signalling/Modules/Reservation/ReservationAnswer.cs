using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Reservation;

/// <summary>What becomes of a conference request in a room that needs a reservation.</summary>
/// <param name="MayGoOn">It goes to focus.</param>
/// <param name="Error">It is refused.</param>
/// <param name="IsBusy">Too many wait already: its sender asks again. Without any of the three it waits.</param>
public readonly record struct ReservationAnswer(bool MayGoOn, StanzaError? Error = null, bool IsBusy = false);
