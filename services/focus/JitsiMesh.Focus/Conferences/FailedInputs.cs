using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// The minimal handling of an input that threw, which keeps the conference alive. Each step is small enough not to fail as the input did, and removes the cause of a repeated
/// failure. Has no state.
/// </summary>
/// <param name="deadlines">The parts whose deadlines are postponed after a failed <see cref="Tick"/>.</param>
internal sealed class FailedInputs(
    ConferenceDocument document, ConferenceEffects effects, IqRequests iqs, BridgeCalls calls, SourceSignalling sources, ConferenceTimeouts timeouts, IReadOnlyList<IDeadlines> deadlines)
{
    public void OnFailed(ConferenceInput input)
    {
        effects.Count(ConferenceEvent.InputFailed);
        switch (input)
        {
            case StanzaReceived received:
                OnStanza(received);
                break;
            case BridgeReplied replied:
                OnReply(replied.Call);
                break;
            case Tick:
                foreach (var part in deadlines) part.PutOff(effects.Now + FocusLimits.FailedTickDelay);
                break;
        }
    }

    private void OnReply(long id)
    {
        if (calls.TakeAnswered(id) is not { } call) return;
        if (document.Find(call.Nick) is not { Session: { Phase: SessionPhase.Allocating } session } waiting || session.Call != call.Id) return;
        calls.ExpireEndpoint(session.BridgeSession, call.Nick);
        document.Put(waiting with { Session = session with { Phase = SessionPhase.Ended, InviteFailed = true } });
    }

    private void OnStanza(StanzaReceived received)
    {
        // A repeated delivery would fail again.
        if (!document.TakeIn(received.Envelope)) return;
        effects.Answer(received.Stanza, StanzaError.InternalServerError, received.Envelope.ReplyQueue);
        if (received.Stanza.Name != "presence" || received.Stanza["type"] != "unavailable" || !Jid.TryParse(received.Stanza["from"], out var from) || from.Resource is null) return;
        // The participant has left, even if the rest of the handling failed.
        if (document.Find(from.Resource) is not { } left) return;
        if (left.Session is { Phase: not SessionPhase.Ended } session) calls.ExpireEndpoint(session.BridgeSession, left.Nick);
        iqs.ForgetAll(left.Nick);
        sources.Forget(left.Nick);
        document.Remove(left.Nick);
        if (document.ParticipantCount == 0) timeouts.WaitForParticipants();
    }
}
