using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Who is in the room, who owns it, and how many send.</summary>
public sealed partial class Conference
{
    private const string FeaturePrefix = "http://jitsi.org/protocol/";

    private void OnMemberPresent(MemberPresence presence, SessionContext? session)
    {
        var known = _document.Find(presence.Nick);
        if (known is not null && presence.RealJid is not null && presence.RealJid != known.RealJid)
        {
            // Another session took the nick over; what the first one had is gone.
            OnMemberLeft(known.Nick, switchingRoom: true);
            known = null;
        }

        var isNew = known is null;
        if (isNew) Core = Core with { LastOrder = Core.LastOrder + 1, EmptyDeadline = Core.Phase == ConferencePhase.Active ? MonotonicTime.Never : Core.EmptyDeadline };
        var trusted = IsTrusted(presence.RealJid ?? known?.RealJid);
        var demoted = known?.Affiliation == "owner" && presence.Affiliation != "owner";
        var asker = Core.Known.FirstOrDefault(one => one.RealJid == (presence.RealJid ?? known?.RealJid));
        bool Has(string feature) => trusted && presence.NamedFeatures.Contains(FeaturePrefix + feature);
        var participant = (known ?? new Participant { Nick = presence.Nick, RealJid = presence.RealJid ?? "", Order = Core.LastOrder }) with
        {
            Affiliation = presence.Affiliation,
            Role = presence.Role,
            OwnerGranted = known?.OwnerGranted == true && !demoted,
            Demoted = demoted || (known?.Demoted == true && presence.Affiliation != "owner"),
            Identity = session?.Identity ?? known?.Identity ?? asker?.Identity,
            Moderator = session?.Moderator ?? known?.Moderator ?? asker?.Moderator,
            IsRecorder = Has("jibri"),
            IsGateway = Has("jigasi"),
            IsTranscriber = Has("transcriber"),
            Region = presence.Region,
            StatsId = presence.StatsId,
            AudioMuted = presence.AudioMuted,
            VideoMuted = presence.VideoMuted,
            Caps = presence.Caps,
            Trace = isNew ? _trace : known!.Trace,
        };
        if (participant != known) Put(participant);
        NoteModerators(participant.Moderator);
        if (isNew && Core.Expected.FirstOrDefault(asker => asker.RealJid == participant.RealJid) is { } expected) Core = Core with { Expected = Core.Expected.Remove(expected) };
        if (isNew) Count(ConferenceEvent.ParticipantJoined);
        if (Core.Phase != ConferencePhase.Active) return;
        CheckSenderLimits();
        ElectOwner();
        if (!isNew)
        {
            // It may have become a moderator.
            LiftForceMute(_document.Find(presence.Nick)!);
            return;
        }

        Core = Core with { SingleDeadline = MonotonicTime.Never };
        Discover(_document.Find(presence.Nick)!);
        InviteAll();
    }

    private void OnMemberLeft(string nick, bool switchingRoom)
    {
        if (_document.Find(nick) is not { } participant) return;
        var session = participant.Session;
        if (session is { Phase: not SessionPhase.Ended }) ExpireEndpoint(session.BridgeSession, nick);
        Core = Core with { PendingIqs = Core.PendingIqs.RemoveAll(pending => pending.Nick == nick) };
        var removed = _sources.RemoveAll(nick);
        _sources.Keep(nick, SourceSet.Empty);
        _document.Remove(nick);
        ForgetOwner(nick, removed);
        if (_document.ParticipantCount == 0)
        {
            foreach (var bridge in Core.BridgeSessions) ExpireOnBridge(bridge);
            Core = Core with { BridgeSessions = [], SingleDeadline = MonotonicTime.Never };
            if (Core.Phase != ConferencePhase.Active) return;
            if (switchingRoom || Core.Expected.Any(asker => Now < asker.Until)) Core = Core with { EmptyDeadline = Now + _options.InitialTimeout };
            else End(ConferenceEndReason.LastParticipantLeft);
            return;
        }

        if (Core.Phase != ConferencePhase.Active) return;
        CheckSenderLimits();
        ElectOwner();
        if (_document.ParticipantCount == 1 && _options.MinParticipants > 1) Core = Core with { SingleDeadline = Now + _options.SingleParticipantTimeout };
    }

    /// <summary>Someone who is alone needs no media. The member stays in the room, and is invited again when another comes.</summary>
    private void ReleaseLoneParticipant()
    {
        if (_document.ParticipantCount != 1) return;
        var participant = _document.Participants.Single();
        if (participant.Session is { } session)
        {
            if (session.IsLive) SendTerminate(participant.Nick, session, "expired", "Idle session timeout");
            DropSession(participant);
        }

        foreach (var bridge in Core.BridgeSessions) ExpireOnBridge(bridge);
        Core = Core with { BridgeSessions = [] };
        PublishStatus();
    }

    // 1. Of whom a login says that it moderates, and with the policy "host" of whom it says nothing else: owner, unless another owner took that away.
    // 2. With the policy "first", where no login names moderators: the eldest of those with a login, or of all where there are none.
    private void ElectOwner()
    {
        if (_options.Moderators is ModeratorPolicy.Nobody) return;
        var people = _document.Participants.Where(one => one is { IsRecorder: false, IsGateway: false, IsTranscriber: false, IsVisitor: false } && !IsService(one)).ToList();
        var owned = people.Exists(IsOwner);
        foreach (var person in people.Where(one => !IsOwner(one) && (one.Moderator ?? (_options.Moderators is ModeratorPolicy.Host && one.Identity is not null))))
        {
            if (person.Demoted && owned) continue;
            GrantOwner(person);
            owned = true;
        }

        if (owned || _options.Moderators is not ModeratorPolicy.First || !_options.AutoOwner || Core.IsBreakout || Core.ModeratorsAreNamed) return;
        var eligible = people.FindAll(one => !IsGuest(one));
        if (eligible.Count > 0) GrantOwner(eligible.Find(one => !one.Demoted) ?? eligible[0]);
    }

    private static bool IsOwner(Participant participant) => participant.Affiliation == "owner" || participant.OwnerGranted;

    // The accounts of recorders and gateways, whether they say so or not.
    private bool IsService(Participant participant) => Jid.TryParse(participant.RealJid, out var jid) && jid.Domain != _options.XmppDomain && _options.TrustedDomains.Contains(jid.Domain);

    private bool IsGuest(Participant participant) => participant.Identity is null && Jid.TryParse(participant.RealJid, out var jid) && jid.Domain == _options.GuestDomain;

    private void NoteModerators(bool? moderator)
    {
        if (moderator is not null && !Core.ModeratorsAreNamed) Core = Core with { ModeratorsAreNamed = true };
    }

    private void GrantOwner(Participant participant)
    {
        if (!Jid.TryParse(participant.RealJid, out var real)) return;
        Put(participant with { OwnerGranted = true, Demoted = false });
        SendIq(Room, FocusStanzas.GrantOwner(real.Bare.ToString()));
    }

    private void CheckSenderLimits()
    {
        var audio = AudioSenders >= _options.MaxAudioSenders;
        var video = VideoSenders >= _options.MaxVideoSenders;
        if (audio == Core.AudioLimitReached && video == Core.VideoLimitReached) return;
        Core = Core with { AudioLimitReached = audio, VideoLimitReached = video };
        PublishStatus();
    }

    private int AudioSenders => _document.Participants.Count(participant => !participant.AudioMuted);

    private int VideoSenders => _document.Participants.Count(participant => !participant.VideoMuted);

    private bool IsTrusted(string? realJid) => Jid.TryParse(realJid, out var jid) && _options.TrustedDomains.Contains(jid.Domain);
}
