using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Invites participants: choose a bridge, allocate an endpoint, send the offer; and repeat this when needed. Owns <see cref="ConferenceCore.ForgiveDeadline"/> and, of a
/// participant, <see cref="Participant.Session"/> and <see cref="Participant.InvitedBefore"/>.
/// </summary>
internal sealed class Invitations(
    ConferenceDocument document,
    ConferenceEffects effects,
    IqRequests iqs,
    BridgeCalls calls,
    BridgeAssignment bridges,
    FocusPresence presence,
    SourceSignalling sources,
    Moderation moderation,
    ParticipantSessions sessions,
    IRandomSource random,
    FocusOptions options) : IDeadlines
{
    private const string SidAlphabet = "0123456789abcdefghijklmnopqrstuv";

    public MonotonicTime NextDeadline => ForgiveDeadline;

    private MonotonicTime ForgiveDeadline
    {
        get => document.Core.ForgiveDeadline;
        set => document.Core = document.Core with { ForgiveDeadline = value };
    }

    /// <summary>Invites every participant with known features and without a session, once there are enough participants for a conference.</summary>
    public void InviteAll()
    {
        if (document.Core.Phase != ConferencePhase.Active || document.ParticipantCount < options.MinParticipants || bridges.IsWaiting) return;
        foreach (var participant in document.Participants.ToList())
        {
            if (participant is { Features: not null, Session: null } && !Invite(participant)) return;
        }
    }

    /// <summary>The bridge allocated the participant's endpoint: send the offer.</summary>
    public void OnAllocated(Participant participant, BridgeSessionState bridge, ModifyConferenceResponse response)
    {
        var feedback = BridgeRequests.FeedbackSources(response.FeedbackSources);
        if (!feedback.IsEmpty && !feedback.Equals(bridge.FeedbackSources))
        {
            bridge = bridges.SetFeedbackSources(bridge, feedback);
            sources.KeepBridgeSources();
        }

        var transport = response.Endpoints.FirstOrDefault(endpoint => endpoint.Id == participant.Nick)?.Transport;
        if (transport is null)
        {
            Fail(participant, byBridge: true);
            return;
        }

        bridges.NoteAllocated();
        var session = participant.Session!;
        var offered = new SourceMap { [FocusOptions.BridgeOwner] = bridge.FeedbackSources };
        if (!session.Rewriting)
        {
            session = session with { Signalled = sources.Desired(participant), ToldAt = effects.Now };
            foreach (var one in session.Signalled) offered[one.Owner] = one.Sources;
        }

        var offer = new SessionOffer
        {
            Sid = session.Sid,
            Initiator = options.FullAddress,
            Media = OfferFactory.Create(participant.Features!.Value, options.Offer),
            Transport = BridgeRequests.Transport(transport),
            Sources = offered,
            JsonSources = session.JsonSources,
            StartMuted = new StartMuted(session.StartAudioMuted, session.StartVideoMuted),
            BridgeSession = new BridgeSessionInfo(bridge.Id, bridge.Region.Length > 0 ? bridge.Region : null),
        };
        var message = offer.ToMessage();
        if (message.Contents.Count == 0)
        {
            // The client supports only data channels, and this bridge has none: there is nothing to offer.
            Fail(participant, byBridge: false);
            return;
        }

        document.Put(participant with { Session = session with { Phase = SessionPhase.Pending } });
        iqs.Ask(effects.OccupantJid(participant.Nick), JingleFormat.Format(message), "set", IqPurpose.SessionInitiate, participant.Nick);
        if (participant.Trace is not null) effects.Add(new InviteEnded(participant.Nick, Sent: true));
        effects.Count(ConferenceEvent.SessionInitiated);
    }

    /// <summary>The client answered the session-initiate with an error.</summary>
    public void OnInitiateRefused(string nick)
    {
        if (document.Find(nick) is not { Session: { Phase: SessionPhase.Pending } session } participant) return;
        sessions.SendTerminate(nick, session, "general-error", "jingle session failed");
        Fail(participant, byBridge: false);
    }

    /// <summary>The participant stays in the room without a session until it joins again. If a bridge refused it, the focus retries after a while and when the bridges change.</summary>
    public void Fail(Participant participant, bool byBridge)
    {
        if (participant.Trace is not null) effects.Add(new InviteEnded(participant.Nick, Sent: false));
        effects.Count(ConferenceEvent.InviteFailed);
        sessions.End(participant);
        if (!byBridge || document.Find(participant.Nick) is not { Session: { } ended } refused) return;
        document.Put(refused with { Session = ended with { InviteFailed = true } });
        if (ForgiveDeadline == MonotonicTime.Never) ForgiveDeadline = effects.Now + FocusLimits.InviteRetry;
    }

    /// <summary>Repeats the invitation of a participant whose allocation failed, if the participant still waits for that allocation.</summary>
    public void Again(PendingCall call, Participant? participant)
    {
        if (participant?.Session is not { Phase: SessionPhase.Allocating } session || session.Call != call.Id) return;
        document.Put(participant with { Session = null });
        InviteAll();
    }

    /// <summary>Ends the participant's session and invites it again.</summary>
    public void Reinvite(Participant participant, bool expire)
    {
        var session = participant.Session!;
        if (session.IsLive) sessions.SendTerminate(participant.Nick, session, "success", "moving");
        effects.Count(ConferenceEvent.ParticipantMoved);
        document.Put(participant);
        if (expire) calls.ExpireEndpoint(session.BridgeSession, participant.Nick);
        sessions.Drop(participant);
        InviteAll();
    }

    /// <summary>Retries refused participants within their budget, because the set of bridges changed or some time passed.</summary>
    public void Forgive()
    {
        ForgiveDeadline = MonotonicTime.Never;
        foreach (var participant in document.Participants.ToList())
        {
            if (participant is not { Session: { Phase: SessionPhase.Ended, InviteFailed: true } failed }) continue;
            if (sessions.TryTakeRestart(participant) is { } granted) document.Put(granted with { Session = null, FormerSid = failed.Sid });
            else ForgiveDeadline = effects.Now + FocusLimits.InviteRetry;
        }
    }

    /// <summary>Retries invitations whose time has come: refused participants, and participants without a bridge.</summary>
    public void OnDue()
    {
        if (effects.Now < ForgiveDeadline && !bridges.IsRetryDue) return;
        if (effects.Now >= ForgiveDeadline) Forgive();
        if (bridges.IsRetryDue) bridges.StopWaiting();
        InviteAll();
    }

    /// <summary>A lone participant needs no media. It stays in the room and is invited again when another participant joins.</summary>
    public void ReleaseLoneParticipant()
    {
        if (document.ParticipantCount != 1) return;
        var participant = document.Participants.Single();
        if (participant.Session is { } session)
        {
            if (session.IsLive) sessions.SendTerminate(participant.Nick, session, "expired", "Idle session timeout");
            sessions.Drop(participant);
        }

        bridges.ReleaseAll();
        presence.Publish();
    }

    public void PutOff(MonotonicTime later) => ForgiveDeadline = effects.Now >= ForgiveDeadline ? later : ForgiveDeadline;

    /// <returns>False when no bridge is available.</returns>
    private bool Invite(Participant participant)
    {
        if (bridges.TryAssign(participant) is not { } bridge) return false;
        var (audioMuted, videoMuted) = moderation.StartMutedFor(participant);
        var features = participant.Features!.Value;
        var rewriting = options.UseSsrcRewriting && features.HasFlag(ParticipantFeatures.SsrcRewriting);
        var endpoint = BridgeRequests.Create(participant.Nick, participant.StatsId, participant.IsVisitor, participant.IsRecorder || participant.IsGateway,
            features, rewriting, options.UseSctp && features.HasFlag(ParticipantFeatures.Sctp) && bridges.HasSctp(bridge), options.Offer);
        var (forceAudio, forceVideo) = moderation.ForceMuteFor(participant);
        if (forceAudio || forceVideo) endpoint.ForceMute = new ForceMute { Audio = forceAudio, Video = forceVideo };
        var request = calls.NewRequest();
        request.Create = !bridge.Created;
        request.Endpoints.Add(endpoint);
        if (!bridge.Created)
        {
            bridges.SetCreated(bridge, created: true);
            presence.Publish();
        }

        var call = calls.Call(bridge, CallPurpose.Allocate, participant.Nick, request);
        document.Put(participant with
        {
            FormerSid = participant.Session?.Sid ?? participant.FormerSid,
            InvitedBefore = true,
            ForceMuteAudio = forceAudio,
            ForceMuteVideo = forceVideo,
            Session = new ParticipantSession
            {
                Sid = random.NextString(13, SidAlphabet),
                BridgeSession = bridge.Id,
                Call = call,
                Rewriting = rewriting,
                JsonSources = options.UseJsonEncodedSources && features.HasFlag(ParticipantFeatures.JsonSources),
                StartAudioMuted = audioMuted,
                StartVideoMuted = videoMuted,
            },
        });
        effects.Add(new EndpointPlaced(bridge.BridgeId));
        return true;
    }
}
