using System.Collections.Immutable;
using System.Text.Json;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Muting: of single participants by moderators, of all by moderation, and of newcomers. Owns <see cref="ModerationState"/> and, of a participant, <see
/// cref="Participant.ForceMuteAudio"/> and <see cref="Participant.ForceMuteVideo"/>.
/// </summary>
internal sealed class Moderation(ConferenceDocument document, ConferenceEffects effects, BridgeCalls calls, RequestBudgets budgets, FocusOptions options)
{
    private ModerationState State
    {
        get => document.Core.Moderation;
        set => document.Core = document.Core with { Moderation = value };
    }

    /// <summary>From the request that created the conference: participants beyond these numbers start muted; null: no limit.</summary>
    public void StartMutedBeyond(int? audio, int? video) => State = State with { StartAudioMuted = audio, StartVideoMuted = video };

    public void OnMute(XmppElement iq, XmppElement mute, MuteKind kind, Participant? sender)
    {
        if (iq["type"] != "set" || mute["jid"] is not { } target || mute.Text is not ("true" or "false"))
        {
            effects.Answer(iq, StanzaError.BadRequest);
            return;
        }

        var muted = mute.Text == "true";
        // Clients of a tenant use another form of the room's address than the focus; the nick is the same.
        var victim = document.Find(NickOf(target));
        if (sender is null || victim is null)
        {
            effects.Answer(iq, StanzaError.InternalServerError);
            return;
        }

        if (!budgets.TryTake(iq, ref sender, FocusLimits.MuteCost)) return;
        var self = victim.Nick == sender.Nick;
        if (self) victim = sender;
        var allowed = self
            ? muted || MayUnmute(kind, sender)
            : muted && sender.IsModerator;
        if (!allowed || victim.NeverMuted)
        {
            effects.Answer(iq, StanzaError.NotAllowed);
            return;
        }

        effects.Send(Stanzas.Result(iq));
        Align(victim);
        if (!self) SendMute(victim.Nick, kind, effects.OccupantJid(sender.Nick), muted);
    }

    // Components use their own domain or the room's bare JID; a message of an occupant always has a resource.
    public void OnMessage(XmppElement message, Jid from)
    {
        if (from.Resource is not null || (from.Local is not null && from.ToString() != document.Core.Room)) return;
        if (message.Child("json-message", Namespaces.JitMeet) is not { } json) return;
        try
        {
            using var parsed = JsonDocument.Parse(json.Text);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object) return;
            switch (JsonFields.Text(parsed.RootElement, "type"))
            {
                case "room_metadata":
                    OnMetadata(parsed.RootElement);
                    break;
                case "av_moderation":
                    OnModeration(parsed.RootElement);
                    break;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            effects.Count(ConferenceEvent.MalformedStanza);
        }
    }

    /// <summary>Whether a newcomer starts muted: by the room's policy, by its number, by the sender limit, or because moderation is on.</summary>
    public (bool Audio, bool Video) StartMutedFor(Participant participant)
    {
        var number = document.ParticipantCount;
        var newcomer = !participant.InvitedBefore;
        var exempt = participant.NeverMuted || participant.IsModerator;
        return (
            (newcomer && State.StartAudioMutedByPolicy) || number > Math.Min(options.MaxAudioSenders, State.StartAudioMuted ?? int.MaxValue) || (State.Audio is not null && !exempt),
            (newcomer && State.StartVideoMutedByPolicy) || number > Math.Min(options.MaxVideoSenders, State.StartVideoMuted ?? int.MaxValue) || (State.Video is not null && !exempt));
    }

    // The bridge drops media of participants that may not unmute. Camera and desktop share one flag on the bridge: media pass while either is allowed.
    public (bool Audio, bool Video) ForceMuteFor(Participant participant) => participant.NeverMuted
        ? (false, false)
        : (!MayUnmute(MuteKind.Audio, participant), !MayUnmute(MuteKind.Video, participant) && !MayUnmute(MuteKind.Desktop, participant));

    // The bridge forwards a participant's media as soon as it may unmute. lib-jitsi-meet asks to unmute only if the focus has muted it since its last such request. A newcomer
    // that started muted, or one that was refused once, never asks; the others would see it unmuted but not hear it.
    public void Lift(Participant participant)
    {
        var (audio, video) = ForceMuteFor(participant);
        ForceMute(participant, audio && participant.ForceMuteAudio, video && participant.ForceMuteVideo);
    }

    private void OnMetadata(JsonElement message)
    {
        var policy = JsonFields.Child(JsonFields.Child(message, "metadata"), "startMuted");
        State = State with { StartAudioMutedByPolicy = JsonFields.IsTrue(JsonFields.Child(policy, "audio")), StartVideoMutedByPolicy = JsonFields.IsTrue(JsonFields.Child(policy, "video")) };
    }

    private void OnModeration(JsonElement message)
    {
        if (JsonFields.Child(message, "whitelists") is { ValueKind: JsonValueKind.Object } whitelists)
        {
            OnWhitelists(message, whitelists);
            return;
        }

        if (!Enum.TryParse<MuteKind>(JsonFields.Text(message, "mediaType"), ignoreCase: true, out var kind)) return;
        var enabled = JsonFields.IsTrue(JsonFields.Child(message, "enabled"));
        if (enabled == (Whitelist(kind) is not null)) return;
        SetWhitelist(kind, enabled ? [] : null);
        // Turning moderation off sends nothing to the participants: a muted participant stays muted until it unmutes itself.
        if (!enabled) return;
        var actor = JsonFields.Text(message, "actor");
        foreach (var participant in document.Participants.ToList())
        {
            if (participant.NeverMuted || participant.Nick == NickOf(actor ?? "")) continue;
            Align(participant);
            SendMute(participant.Nick, kind, actor, muted: true);
        }
    }

    private void OnWhitelists(JsonElement message, JsonElement whitelists)
    {
        foreach (var entry in whitelists.EnumerateObject())
        {
            if (!Enum.TryParse<MuteKind>(entry.Name, ignoreCase: true, out var of) || entry.Value.ValueKind != JsonValueKind.Array) continue;
            if (Whitelist(of) is not null) SetWhitelist(of, [.. entry.Value.EnumerateArray().Select(jid => NickOf(jid.GetString() ?? ""))]);
        }

        // The message leaves out the list of its media kind if the list is empty.
        if (Enum.TryParse<MuteKind>(JsonFields.Text(message, "mediaType"), ignoreCase: true, out var about) && Whitelist(about) is not null
            && !whitelists.EnumerateObject().Any(entry => entry.Name.Equals(about.ToString(), StringComparison.OrdinalIgnoreCase))) SetWhitelist(about, []);
    }

    private bool MayUnmute(MuteKind kind, Participant participant) =>
        Whitelist(kind) is not { } whitelist || participant.IsModerator || whitelist.Contains(participant.Nick);

    private ImmutableArray<string>? Whitelist(MuteKind kind) => kind switch
    {
        MuteKind.Audio => State.Audio,
        MuteKind.Video => State.Video,
        _ => State.Desktop,
    };

    private void SetWhitelist(MuteKind kind, ImmutableArray<string>? whitelist)
    {
        State = kind switch
        {
            MuteKind.Audio => State with { Audio = whitelist },
            MuteKind.Video => State with { Video = whitelist },
            _ => State with { Desktop = whitelist },
        };
        foreach (var participant in document.Participants.ToList()) Lift(participant);
    }

    private void Align(Participant participant)
    {
        var (audio, video) = ForceMuteFor(participant);
        ForceMute(participant, audio, video);
    }

    private void ForceMute(Participant participant, bool audio, bool video)
    {
        if (audio == participant.ForceMuteAudio && video == participant.ForceMuteVideo) return;
        document.Put(participant with { ForceMuteAudio = audio, ForceMuteVideo = video });
        if (participant.Session is { Phase: not SessionPhase.Ended } session)
        {
            calls.Update(session, new EndpointChange { Id = participant.Nick, ForceMute = new ForceMute { Audio = audio, Video = video } });
        }
    }

    private void SendMute(string nick, MuteKind kind, string? actor, bool muted)
    {
        var ns = MuteKinds.Namespace(kind);
        effects.SendIq(effects.OccupantJid(nick), new XmppElement("mute", ns, ("jid", effects.OccupantJid(nick)), ("actor", actor)).AddText(muted ? "true" : "false"));
    }

    private static string NickOf(string occupantJid) => occupantJid[(occupantJid.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
