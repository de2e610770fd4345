using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The Jingle requests source-add and source-remove. Has no state.</summary>
internal sealed class SourceRequests(ConferenceEffects effects, BridgeCalls calls, SourceSignalling sources, SenderLimits limits)
{
    /// <summary>All sources and groups of a message, from all its contents.</summary>
    public static SourceSet Read(JingleMessage message)
    {
        var descriptions = message.Contents.Select(content => content.Description).OfType<RtpDescription>().ToList();
        return new SourceSet([.. descriptions.SelectMany(one => one.Sources).Select(owned => owned.Source)], [.. descriptions.SelectMany(one => one.Groups)]);
    }

    public void OnAdd(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var change = Read(message);
        if (change.IsEmpty)
        {
            effects.Send(Stanzas.Result(iq));
            return;
        }

        if (participant.IsVisitor)
        {
            effects.Refuse(iq, StanzaError.Forbidden);
            return;
        }

        if (limits.Refuses(change))
        {
            effects.Refuse(iq, StanzaError.ResourceConstraint);
            return;
        }

        Apply(iq, participant.Nick, session, sources.TryAdd(participant, change));
    }

    public void OnRemove(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var change = Read(message);
        if (change.IsEmpty)
        {
            effects.Send(Stanzas.Result(iq));
            return;
        }

        Apply(iq, participant.Nick, session, sources.TryRemove(participant, change));
    }

    private void Apply(XmppElement iq, string nick, ParticipantSession session, SourceRejection rejection)
    {
        if (rejection != SourceRejection.None)
        {
            effects.Count(ConferenceEvent.SourceChangeRejected);
            effects.Refuse(iq, StanzaError.BadRequest.WithText(rejection.ToString()));
            return;
        }

        calls.Update(session, sources.Change(nick));
        effects.Send(Stanzas.Result(iq));
        sources.Propagate(nick);
    }
}
