using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>ICE restarts within a running session. Owns <see cref="Participant.IceRestarts"/> and, of a session, <see cref="ParticipantSession.IceGeneration"/>.</summary>
internal sealed class IceRestarts(ConferenceDocument document, ConferenceEffects effects, BridgeCalls calls, Invitations invitations, FocusOptions options)
{
    /// <param name="sameBridgeSession">The request names the bridge session of the participant.</param>
    public void OnRequest(XmppElement iq, Participant participant, ParticipantSession session, bool sameBridgeSession)
    {
        if (!options.EnableIceRestart)
        {
            effects.Refuse(iq, StanzaError.FeatureNotImplemented);
            return;
        }

        if (!sameBridgeSession)
        {
            effects.Refuse(iq, StanzaError.ItemNotFound);
            return;
        }

        if (!RestartBudget.TryTake(participant.IceRestarts, options.RestartLimits, effects.Now, out var taken))
        {
            effects.Refuse(iq, StanzaError.ResourceConstraint);
            return;
        }

        document.Put(participant with { IceRestarts = taken });
        effects.Count(ConferenceEvent.IceRestartRequested);
        calls.Update(session, new EndpointChange { Id = participant.Nick, RestartIce = true }, CallPurpose.RestartIce);
        effects.Send(Stanzas.Result(iq));
    }

    // A newer generation is relayed to the client. The old transport means that the bridge kept it; no transport means that the bridge refused.
    public void OnRestarted(Participant participant, ModifyConferenceResponse response)
    {
        var session = participant.Session!;
        if (response.Endpoints.FirstOrDefault(endpoint => endpoint.Id == participant.Nick)?.Transport is not { } transport)
        {
            invitations.Reinvite(participant, expire: true);
            return;
        }

        if (transport.IceGeneration <= session.IceGeneration) return;
        document.Put(participant with { Session = session with { IceGeneration = transport.IceGeneration } });
        effects.Count(ConferenceEvent.IceRestartRelayed);
        var info = new JingleMessage
        {
            Action = JingleAction.TransportInfo,
            Initiator = options.FullAddress,
            Sid = session.Sid,
            Contents = [new JingleContent { Name = "audio", Senders = "both", Transport = BridgeRequests.Transport(transport) with { SctpMap = null } }],
        };
        effects.SendIq(effects.OccupantJid(participant.Nick), JingleFormat.Format(info));
    }
}
