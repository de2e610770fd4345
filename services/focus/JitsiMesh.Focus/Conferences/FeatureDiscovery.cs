using JitsiMesh.Focus.Offers;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Discovers the features of participants' clients. Owns <see cref="Participant.Features"/>.</summary>
internal sealed class FeatureDiscovery(ConferenceDocument document, ConferenceEffects effects, IqRequests iqs)
{
    /// <summary>Takes the features from verified caps of another client, or asks the client (XEP-0115 section 6.2).</summary>
    public void Discover(Participant participant)
    {
        if (participant.Features is not null) return;
        if (participant.Caps is { } caps && effects.Caps.TryGetValue(caps, out var known))
        {
            document.Put(participant with { Features = known });
            return;
        }

        iqs.Ask(effects.OccupantJid(participant.Nick), new XmppElement("query", Namespaces.DiscoInfo, ("node", participant.Caps)), "get", IqPurpose.Features, participant.Nick);
    }

    /// <param name="query">The answer to disco#info. Null for an error or a timeout: the client counts as one without features.</param>
    /// <returns>False when the answer is too late: the features are known, or the participant left.</returns>
    public bool OnAnswer(string nick, XmppElement? query)
    {
        if (document.Find(nick) is not { Features: null } participant) return false;
        document.Put(participant with { Features = query is null ? ParticipantFeatures.Default : ParticipantFeatureNames.Read(query) });
        if (query is not null && participant.Caps is { } caps && CapsHash.TryCompute(query, out var hash) && caps.EndsWith("#" + hash, StringComparison.Ordinal))
        {
            effects.Add(new CapsLearned(caps, ParticipantFeatureNames.Read(query)));
        }

        return true;
    }
}
