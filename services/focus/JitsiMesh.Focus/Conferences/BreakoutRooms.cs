using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Whether this room's breakout rooms are occupied, as the room announces it. Participants may return at any time, so a conference without participants stays alive meanwhile.
/// Each breakout room has its own conference. Owns <see cref="ConferenceCore.BreakoutsOccupied"/>.
/// </summary>
internal sealed class BreakoutRooms(ConferenceDocument document, ConferenceTimeouts timeouts)
{
    private const string Namespace = "urn:jitsimesh:breakout";

    public bool AreOccupied => document.Core.BreakoutsOccupied;

    // A message of an occupant always has a resource; only the room itself has none.
    public void OnMessage(XmppElement message, Jid from)
    {
        if (from.ToString() != document.Core.Room || message.Child("breakout-rooms", Namespace)?["occupied"] is not { } occupied) return;
        document.Core = document.Core with { BreakoutsOccupied = occupied == "true" };
        if (!AreOccupied && document.ParticipantCount == 0 && document.Core.Phase == ConferencePhase.Active && !timeouts.WaitsForParticipants) timeouts.WaitForParticipants();
    }
}
