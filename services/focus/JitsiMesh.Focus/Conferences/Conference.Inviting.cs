using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Inviting: choose a bridge, have an endpoint allocated, offer it.</summary>
public sealed partial class Conference
{
    private const string SidAlphabet = "0123456789abcdefghijklmnopqrstuv";

    /// <summary>Invites everyone whose features are known and who has no session, once there are enough people for a conference.</summary>
    private void InviteAll()
    {
        if (Core.Phase != ConferencePhase.Active || _document.ParticipantCount < _options.MinParticipants || Core.RetryDeadline != MonotonicTime.Never) return;
        foreach (var participant in _document.Participants.ToList())
        {
            if (participant is { Features: not null, Session: null } && !Invite(participant)) return;
        }
    }

    /// <returns>False when there is no bridge for anyone.</returns>
    private bool Invite(Participant participant)
    {
        if (SessionFor(participant) is not { } bridge)
        {
            // A client that is told ends its call at once and for good; a bridge that starts again is back within seconds.
            if (!Core.BridgeNotAvailable && Core.NoBridgeDeadline == MonotonicTime.Never) Core = Core with { NoBridgeDeadline = Now + FocusLimits.BridgeWait };
            // A bridge that this conference avoids for a while comes back without a word.
            if (!Core.Avoided.IsEmpty) Core = Core with { RetryDeadline = Now + FocusLimits.RetryDelay };
            return false;
        }

        var (audioMuted, videoMuted) = StartMutedFor(participant);
        var features = participant.Features!.Value;
        var rewriting = _options.UseSsrcRewriting && features.HasFlag(ParticipantFeatures.SsrcRewriting);
        var endpoint = BridgeRequests.Create(participant.Nick, participant.StatsId, participant.IsVisitor, participant.IsRecorder || participant.IsGateway,
            features, rewriting, _options.UseSctp && features.HasFlag(ParticipantFeatures.Sctp) && !Core.WithoutSctp.Contains(bridge.Instance), _options.Offer);
        var (forceAudio, forceVideo) = ForceMuteFor(participant);
        if (forceAudio || forceVideo) endpoint.ForceMute = new ForceMute { Audio = forceAudio, Video = forceVideo };
        var request = new ModifyConferenceRequest { MeetingId = Core.MeetingId, Name = Room, Create = !bridge.Created, Endpoints = { endpoint } };
        if (!bridge.Created)
        {
            Core = Core with { BridgeSessions = Core.BridgeSessions.Replace(bridge, bridge with { Created = true }) };
            PublishStatus();
        }

        var call = Call(bridge, CallPurpose.Allocate, participant.Nick, request);
        Put(participant with
        {
            FormerSid = participant.Session?.Sid ?? participant.FormerSid,
            InvitedBefore = true,
            ForceMuteAudio = forceAudio,
            ForceMuteVideo = forceVideo,
            Session = new ParticipantSession
            {
                Sid = _random.NextString(13, SidAlphabet),
                BridgeSession = bridge.Id,
                Call = call,
                Rewriting = rewriting,
                JsonSources = _options.UseJsonEncodedSources && features.HasFlag(ParticipantFeatures.JsonSources),
                StartAudioMuted = audioMuted,
                StartVideoMuted = videoMuted,
            },
        });
        _outputs.Add(new EndpointPlaced(bridge.BridgeId));
        return true;
    }

    /// <summary>The session on the conference's bridge, or a new one on a bridge chosen now.</summary>
    private BridgeSessionState? SessionFor(Participant participant)
    {
        var current = Core.BridgeSessions.FirstOrDefault();
        Core = Core with { Avoided = Core.Avoided.RemoveAll(avoided => Now >= avoided.Until) };
        var request = new SelectionRequest(participant.Region, current?.BridgeId, [.. Core.Avoided.Select(avoided => avoided.Instance)]);
        // A new owner may not have heard of the bridge yet; that is no reason to leave it.
        if (current is not null && _context.Bridges.Find(current.BridgeId) is null && !request.Avoid.Contains(current.Instance)) return current;
        var chosen = BridgeSelector.Select(_context.Bridges, request, _options.Bridges, out _);
        if (chosen is null) return null;
        if (current is not null && current.Instance == chosen.Instance) return current;
        if (current is not null) return null;
        var session = new BridgeSessionState
        {
            Id = _random.NextUuid(),
            BridgeId = chosen.BridgeId,
            Instance = chosen.Instance,
            ControlAddress = chosen.ControlAddress,
            Region = chosen.Region,
        };
        Core = Core with { BridgeSessions = Core.BridgeSessions.Add(session), BridgeNotAvailable = false, NoBridgeDeadline = MonotonicTime.Never };
        return session;
    }

    // By the room's policy for newcomers, by number, by the sender limit, or because the moderators muted all.
    private (bool Audio, bool Video) StartMutedFor(Participant participant)
    {
        var number = _document.ParticipantCount;
        var newcomer = !participant.InvitedBefore;
        var exempt = participant.NeverMuted || participant.IsModerator;
        return (
            (newcomer && Core.StartAudioMutedByPolicy) || number > Math.Min(_options.MaxAudioSenders, Core.StartAudioMuted ?? int.MaxValue) || (Core.AudioModeration is not null && !exempt),
            (newcomer && Core.StartVideoMutedByPolicy) || number > Math.Min(_options.MaxVideoSenders, Core.StartVideoMuted ?? int.MaxValue) || (Core.VideoModeration is not null && !exempt));
    }

    private void OnAllocated(Participant participant, BridgeSessionState bridge, ModifyConferenceResponse response)
    {
        var feedback = BridgeRequests.FeedbackSources(response.FeedbackSources);
        if (!feedback.IsEmpty && !feedback.Equals(bridge.FeedbackSources))
        {
            var updated = bridge with { FeedbackSources = feedback };
            Core = Core with { BridgeSessions = Core.BridgeSessions.Replace(bridge, updated) };
            bridge = updated;
            KeepBridgeSources();
        }

        var transport = response.Endpoints.FirstOrDefault(endpoint => endpoint.Id == participant.Nick)?.Transport;
        if (transport is null)
        {
            OnInviteFailed(participant, byBridge: true);
            return;
        }

        Core = Core with { FailuresInARow = 0 };
        var session = participant.Session!;
        var sources = new SourceMap { [FocusOptions.BridgeOwner] = bridge.FeedbackSources };
        if (!session.Rewriting)
        {
            session = session with { Signalled = DesiredSources(participant), ToldAt = Now };
            foreach (var (owner, set) in session.Signalled.Select(one => (one.Owner, one.Sources))) sources[owner] = set;
        }

        var offer = new SessionOffer
        {
            Sid = session.Sid,
            Initiator = _options.FullAddress,
            Media = OfferFactory.Create(participant.Features!.Value, _options.Offer),
            Transport = BridgeRequests.Transport(transport),
            Sources = sources,
            JsonSources = session.JsonSources,
            StartMuted = new StartMuted(session.StartAudioMuted, session.StartVideoMuted),
            BridgeSession = new BridgeSessionInfo(bridge.Id, bridge.Region.Length > 0 ? bridge.Region : null),
        };
        var message = offer.ToMessage();
        if (message.Contents.Count == 0)
        {
            // All that the client can do is data channels, and this bridge has none: there is nothing to offer.
            OnInviteFailed(participant, byBridge: false);
            return;
        }

        Put(participant with { Session = session with { Phase = SessionPhase.Pending } });
        Ask(OccupantJid(participant.Nick), JingleFormat.Format(message), "set", IqPurpose.SessionInitiate, participant.Nick);
        if (participant.Trace is not null) _outputs.Add(new InviteEnded(participant.Nick, Sent: true));
        Count(ConferenceEvent.SessionInitiated);
    }

    private void OnInitiateRefused(string nick, string iqId)
    {
        if (_document.Find(nick) is not { Session: { Phase: SessionPhase.Pending } session } participant) return;
        SendTerminate(nick, session, "general-error", "jingle session failed");
        OnInviteFailed(participant, byBridge: false);
    }

    /// <summary>The member stays in the room without a session until it comes again; whom a bridge refused is tried again after a while, and when the bridges change.</summary>
    private void OnInviteFailed(Participant participant, bool byBridge)
    {
        if (participant.Trace is not null) _outputs.Add(new InviteEnded(participant.Nick, Sent: false));
        Count(ConferenceEvent.InviteFailed);
        EndSession(participant);
        if (!byBridge || _document.Find(participant.Nick) is not { Session: { } ended } refused) return;
        Put(refused with { Session = ended with { InviteFailed = true } });
        if (Core.ForgiveDeadline == MonotonicTime.Never) Core = Core with { ForgiveDeadline = Now + FocusLimits.InviteRetry };
    }

    private void SendTerminate(string nick, ParticipantSession session, string reason, string? text)
    {
        var message = new JingleMessage { Action = JingleAction.SessionTerminate, Initiator = _options.FullAddress, Sid = session.Sid, Reason = new JingleReason(reason, text) };
        SendIq(OccupantJid(nick), JingleFormat.Format(message));
    }

    /// <summary>Ends a session for good: its endpoint goes, its sources go, and it is not begun again by itself.</summary>
    private void EndSession(Participant participant)
    {
        var session = participant.Session!;
        ExpireEndpoint(session.BridgeSession, participant.Nick);
        WithdrawSources(participant.Nick);
        Put(_document.Find(participant.Nick)! with { Session = session with { Phase = SessionPhase.Ended, Signalled = [] } });
        ForgetInitiate(participant.Nick);
    }

    /// <summary>Takes a session away so that the participant may be invited again. The endpoint is the caller's to expire.</summary>
    private void DropSession(Participant participant)
    {
        WithdrawSources(participant.Nick);
        Put(_document.Find(participant.Nick)! with { Session = null, FormerSid = participant.Session?.Sid ?? participant.FormerSid });
        ForgetInitiate(participant.Nick);
    }

    private void ForgetInitiate(string nick) =>
        Core = Core with { PendingIqs = Core.PendingIqs.RemoveAll(pending => pending.Purpose == IqPurpose.SessionInitiate && pending.Nick == nick) };
}
