using JitsiMesh.Contracts.Links;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The participants as described by their presence. Owns <see cref="ConferenceCore.LastOrder"/> and, of a participant, the values from its presence and its session.</summary>
internal sealed class Members(ConferenceDocument document, ConferenceEffects effects, ConferenceTimeouts timeouts, ConferenceRequests requests, OwnerElection owners, FocusOptions options)
{
    private const string FeaturePrefix = "http://jitsi.org/protocol/";

    /// <summary>Another session took over a participant's nick.</summary>
    public bool IsTakenOver(MemberPresence presence) =>
        presence.RealJid is not null && document.Find(presence.Nick) is { } known && presence.RealJid != known.RealJid;

    /// <param name="session">The occupant's session; null when signalling does not send it.</param>
    /// <returns>True when the participant is new.</returns>
    public bool Update(MemberPresence presence, SessionContext? session)
    {
        var known = document.Find(presence.Nick);
        var isNew = known is null;
        if (isNew)
        {
            document.Core = document.Core with { LastOrder = document.Core.LastOrder + 1 };
            if (document.Core.Phase == ConferencePhase.Active) timeouts.StopWaitingForParticipants();
        }

        var realJid = presence.RealJid ?? known?.RealJid;
        var trusted = IsTrusted(realJid);
        var asker = requests.FindKnown(realJid);
        var (granted, demoted) = OwnerElection.Follow(known, presence.Affiliation);
        var participant = (known ?? new Participant { Nick = presence.Nick, RealJid = presence.RealJid ?? "", Order = document.Core.LastOrder }) with
        {
            Affiliation = presence.Affiliation,
            Role = presence.Role,
            OwnerGranted = granted,
            Demoted = demoted,
            Identity = session?.Identity ?? known?.Identity ?? asker?.Identity,
            Moderator = session?.Moderator ?? known?.Moderator ?? asker?.Moderator,
            IsRecorder = trusted && Names(presence, "jibri"),
            IsGateway = trusted && Names(presence, "jigasi"),
            IsTranscriber = trusted && Names(presence, "transcriber"),
            Region = presence.Region,
            StatsId = presence.StatsId,
            AudioMuted = presence.AudioMuted,
            VideoMuted = presence.VideoMuted,
            Caps = presence.Caps,
            Trace = isNew ? effects.Trace : known!.Trace,
        };
        if (participant != known) document.Put(participant);
        owners.NoteLogin(participant.Moderator);
        if (!isNew) return false;
        requests.OnJoined(participant.RealJid);
        effects.Count(ConferenceEvent.ParticipantJoined);
        return true;
    }

    private static bool Names(MemberPresence presence, string feature) => presence.NamedFeatures.Contains(FeaturePrefix + feature);

    private bool IsTrusted(string? realJid) => Jid.TryParse(realJid, out var jid) && options.TrustedDomains.Contains(jid.Domain);
}
