using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>What each participant may still ask for. Owns <see cref="Participant.Requests"/>.</summary>
internal sealed class RequestBudgets(ConferenceDocument document, ConferenceEffects effects)
{
    /// <summary>Takes the cost of a request from its sender. When nothing is left the sender is answered with an error, and nothing else happens.</summary>
    public bool TryTake(XmppElement iq, ref Participant participant, double cost)
    {
        if (!participant.Requests.TryTake(cost, effects.Now, out var after))
        {
            effects.Count(ConferenceEvent.RequestRefused);
            effects.Refuse(iq, StanzaError.ResourceConstraint.WithText("Too many requests"));
            return false;
        }

        document.Put(participant = participant with { Requests = after });
        return true;
    }
}
