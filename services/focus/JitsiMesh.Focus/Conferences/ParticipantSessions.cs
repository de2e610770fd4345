using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Ends Jingle sessions with participants and limits their restarts. Owns <see cref="Participant.FormerSid"/> and <see cref="Participant.Restarts"/>.</summary>
internal sealed class ParticipantSessions(ConferenceDocument document, ConferenceEffects effects, IqRequests iqs, BridgeCalls calls, SourceSignalling sources, FocusOptions options)
{
    public void SendTerminate(string nick, ParticipantSession session, string reason, string? text)
    {
        var message = new JingleMessage { Action = JingleAction.SessionTerminate, Initiator = options.FullAddress, Sid = session.Sid, Reason = new JingleReason(reason, text) };
        effects.SendIq(effects.OccupantJid(nick), JingleFormat.Format(message));
    }

    /// <summary>Ends a session for good: removes its endpoint and its sources, and does not start it again.</summary>
    public void End(Participant participant)
    {
        var session = participant.Session!;
        calls.ExpireEndpoint(session.BridgeSession, participant.Nick);
        sources.Withdraw(participant.Nick);
        document.Put(document.Find(participant.Nick)! with { Session = session with { Phase = SessionPhase.Ended, Signalled = [] } });
        iqs.ForgetInitiate(participant.Nick);
    }

    /// <summary>Removes a session so that the participant can be invited again. The caller expires the endpoint.</summary>
    public void Drop(Participant participant)
    {
        sources.Withdraw(participant.Nick);
        document.Put(document.Find(participant.Nick)! with { Session = null, FormerSid = participant.Session?.Sid ?? participant.FormerSid });
        iqs.ForgetInitiate(participant.Nick);
    }

    /// <summary>Removes the sessions of a lost bridge's participants: first all sessions, then their sources, so that only participants that stay are told.</summary>
    public void DropTogether(IReadOnlyList<Participant> movers)
    {
        foreach (var participant in movers)
        {
            document.Put(participant with { Session = null, FormerSid = participant.Session!.Sid });
            iqs.ForgetInitiate(participant.Nick);
        }

        foreach (var participant in movers) sources.Withdraw(participant.Nick);
    }

    /// <summary>The participant with one restart less in its budget, or null when the budget is used up.</summary>
    public Participant? TryTakeRestart(Participant participant) =>
        RestartBudget.TryTake(participant.Restarts, options.RestartLimits, effects.Now, out var taken) ? participant with { Restarts = taken } : null;
}
