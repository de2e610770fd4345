using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The request budget of each participant. Owns <see cref="Participant.Requests"/>.</summary>
internal sealed class RequestBudgets(ConferenceDocument document, ConferenceEffects effects)
{
    /// <summary>Charges a request to its sender. When the budget is used up, the sender gets an error and the request has no other effect.</summary>
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
