using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// After an input that threw: the least that keeps the conference going. Each does so little that it cannot fail as the input did, and
/// takes away what would bring the same failure again.
/// </summary>
public sealed partial class Conference
{
    private void OnInputFailed(ConferenceInput input)
    {
        Count(ConferenceEvent.InputFailed);
        switch (input)
        {
            case StanzaReceived received:
                OnStanzaFailed(received);
                break;
            case BridgeReplied replied when _document.FindCall(replied.Call) is { } call:
                _document.RemoveCall(call.Id);
                if (_document.Find(call.Nick) is { Session: { Phase: SessionPhase.Allocating } session } waiting && session.Call == call.Id)
                {
                    ExpireEndpoint(session.BridgeSession, call.Nick);
                    Put(waiting with { Session = session with { Phase = SessionPhase.Ended, InviteFailed = true } });
                }

                break;
            case Tick:
                PutOffWhatIsDue();
                break;
        }
    }

    private void OnStanzaFailed(StanzaReceived received)
    {
        // Delivered again it would fail again.
        if (!_document.TakeIn(received.Envelope)) return;
        Answer(received.Stanza, StanzaError.InternalServerError, received.Envelope.ReplyQueue);
        if (received.Stanza.Name != "presence" || received.Stanza["type"] != "unavailable" || !Jid.TryParse(received.Stanza["from"], out var from) || from.Resource is null) return;
        // It has left, whatever else was to come of that.
        if (_document.Find(from.Resource) is not { } left) return;
        if (left.Session is { Phase: not SessionPhase.Ended } session) ExpireEndpoint(session.BridgeSession, left.Nick);
        Core = Core with { PendingIqs = Core.PendingIqs.RemoveAll(pending => pending.Nick == left.Nick) };
        _sources.RemoveAll(left.Nick);
        _sources.Keep(left.Nick, SourceSet.Empty);
        _document.Remove(left.Nick);
        if (_document.ParticipantCount == 0) Core = Core with { EmptyDeadline = Now + _options.InitialTimeout };
    }

    private void PutOffWhatIsDue()
    {
        var later = Now + FocusLimits.FailedTickDelay;
        MonotonicTime Later(MonotonicTime deadline) => Now >= deadline ? later : deadline;
        Core = Core with
        {
            EmptyDeadline = Later(Core.EmptyDeadline),
            SingleDeadline = Later(Core.SingleDeadline),
            RetryDeadline = Later(Core.RetryDeadline),
            NoBridgeDeadline = Later(Core.NoBridgeDeadline),
            ForgiveDeadline = Later(Core.ForgiveDeadline),
            PendingIqs = [.. Core.PendingIqs.Select(pending => pending with { Deadline = Later(pending.Deadline) })],
        };
    }
}
