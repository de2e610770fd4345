using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Whether people are in breakout rooms of this room, as the room itself says: they may come back at any time, so that a conference without participants is kept meanwhile. Each of those rooms
/// has a conference of its own. Owns <see cref="ConferenceCore.BreakoutsOccupied"/>.
/// </summary>
internal sealed class BreakoutRooms(ConferenceDocument document, ConferenceTimeouts timeouts)
{
    private const string Namespace = "urn:jitsimesh:breakout";

    public bool AreOccupied => document.Core.BreakoutsOccupied;

    // An occupant's message always has a resource.
    public void OnMessage(XmppElement message, Jid from)
    {
        if (from.ToString() != document.Core.Room || message.Child("breakout-rooms", Namespace)?["occupied"] is not { } occupied) return;
        document.Core = document.Core with { BreakoutsOccupied = occupied == "true" };
        if (!AreOccupied && document.ParticipantCount == 0 && document.Core.Phase == ConferencePhase.Active && !timeouts.WaitsForParticipants) timeouts.WaitForParticipants();
    }
}
