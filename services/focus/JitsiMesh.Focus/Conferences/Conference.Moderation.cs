using System.Collections.Immutable;
using System.Text.Json;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Muting: by moderators one by one, by moderation for all, and what the room's metadata says of newcomers.</summary>
public sealed partial class Conference
{
    private void OnMute(XmppElement iq, XmppElement mute, MuteKind kind, Participant? sender)
    {
        if (iq["type"] != "set" || mute["jid"] is not { } target || mute.Text is not ("true" or "false"))
        {
            Answer(iq, StanzaError.BadRequest);
            return;
        }

        var muted = mute.Text == "true";
        // A tenant's clients name the room in another form than the focus knows it by; the nick is the same.
        var victim = _document.Find(NickOf(target));
        if (sender is null || victim is null)
        {
            Answer(iq, StanzaError.InternalServerError);
            return;
        }

        if (!TakeRequest(iq, ref sender, FocusLimits.MuteCost)) return;
        var self = victim.Nick == sender.Nick;
        if (self) victim = sender;
        var allowed = self
            ? muted || MayUnmute(kind, sender)
            : muted && sender.IsModerator;
        if (!allowed || victim.NeverMuted)
        {
            Answer(iq, StanzaError.NotAllowed);
            return;
        }

        Send(Stanzas.Result(iq));
        AlignForceMute(victim);
        if (!self) SendMute(victim.Nick, kind, OccupantJid(sender.Nick), muted);
    }

    private void SendMute(string nick, MuteKind kind, string? actor, bool muted)
    {
        var ns = MuteKinds.Namespace(kind);
        SendIq(OccupantJid(nick), new XmppElement("mute", ns, ("jid", OccupantJid(nick)), ("actor", actor)).AddText(muted ? "true" : "false"));
    }

    private ImmutableArray<string>? Moderation(MuteKind kind) => kind switch
    {
        MuteKind.Audio => Core.AudioModeration,
        MuteKind.Video => Core.VideoModeration,
        _ => Core.DesktopModeration,
    };

    private bool MayUnmute(MuteKind kind, Participant participant) =>
        Moderation(kind) is not { } whitelist || participant.IsModerator || whitelist.Contains(participant.Nick);

    // The bridge lets nothing through of whom may not unmute. Camera and desktop share its flag: it stays open while either is allowed.
    private (bool Audio, bool Video) ForceMuteFor(Participant participant) => participant.NeverMuted
        ? (false, false)
        : (!MayUnmute(MuteKind.Audio, participant), !MayUnmute(MuteKind.Video, participant) && !MayUnmute(MuteKind.Desktop, participant));

    private void AlignForceMute(Participant participant)
    {
        var (audio, video) = ForceMuteFor(participant);
        ForceMute(participant, audio, video);
    }

    private void ForceMute(Participant participant, bool audio, bool video)
    {
        if (audio == participant.ForceMuteAudio && video == participant.ForceMuteVideo) return;
        Put(participant with { ForceMuteAudio = audio, ForceMuteVideo = video });
        if (participant.Session is { Phase: not SessionPhase.Ended } session)
        {
            Update(session, new EndpointChange { Id = participant.Nick, ForceMute = new ForceMute { Audio = audio, Video = video } });
        }
    }

    // Components speak from a domain of their own or for the room; an occupant's message always has a resource.
    private void OnMessage(XmppElement message, Jid from)
    {
        if (from.Resource is not null || (from.Local is not null && from.ToString() != Room)) return;
        if (message.Child("json-message", Namespaces.JitMeet) is not { } json) return;
        try
        {
            using var document = JsonDocument.Parse(json.Text);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return;
            switch (Text(document.RootElement, "type"))
            {
                case "room_metadata":
                    OnMetadata(document.RootElement);
                    break;
                case "av_moderation":
                    OnModeration(document.RootElement);
                    break;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            Count(ConferenceEvent.MalformedStanza);
        }
    }

    private void OnMetadata(JsonElement message)
    {
        var policy = Child(Child(message, "metadata"), "startMuted");
        Core = Core with { StartAudioMutedByPolicy = IsTrue(Child(policy, "audio")), StartVideoMutedByPolicy = IsTrue(Child(policy, "video")) };
    }

    private void OnModeration(JsonElement message)
    {
        if (Child(message, "whitelists") is { ValueKind: JsonValueKind.Object } whitelists)
        {
            foreach (var entry in whitelists.EnumerateObject())
            {
                if (!Enum.TryParse<MuteKind>(entry.Name, ignoreCase: true, out var of) || entry.Value.ValueKind != JsonValueKind.Array) continue;
                if (Moderation(of) is not null) SetModeration(of, [.. entry.Value.EnumerateArray().Select(jid => NickOf(jid.GetString() ?? ""))]);
            }

            // The list of the kind that the message is about may be empty, and then it is left out.
            if (Enum.TryParse<MuteKind>(Text(message, "mediaType"), ignoreCase: true, out var about) && Moderation(about) is not null
                && !whitelists.EnumerateObject().Any(entry => entry.Name.Equals(about.ToString(), StringComparison.OrdinalIgnoreCase))) SetModeration(about, []);
            return;
        }

        if (!Enum.TryParse<MuteKind>(Text(message, "mediaType"), ignoreCase: true, out var kind)) return;
        var enabled = IsTrue(Child(message, "enabled"));
        if (enabled == (Moderation(kind) is not null)) return;
        SetModeration(kind, enabled ? [] : null);
        // Turning it off tells the participants nothing: who is muted stays so until it unmutes itself.
        if (!enabled) return;
        var actor = Text(message, "actor");
        foreach (var participant in _document.Participants.ToList())
        {
            if (participant.NeverMuted || participant.Nick == NickOf(actor ?? "")) continue;
            AlignForceMute(participant);
            SendMute(participant.Nick, kind, actor, muted: true);
        }
    }

    private void SetModeration(MuteKind kind, ImmutableArray<string>? whitelist)
    {
        Core = kind switch
        {
            MuteKind.Audio => Core with { AudioModeration = whitelist },
            MuteKind.Video => Core with { VideoModeration = whitelist },
            _ => Core with { DesktopModeration = whitelist },
        };
        foreach (var participant in _document.Participants.ToList()) LiftForceMute(participant);
    }

    // Who may speak now is let through at once. lib-jitsi-meet asks to be unmuted only when it was muted by the focus since it last asked: a newcomer
    // that started muted, or one that was refused once, never does, and would be seen unmuted and heard by nobody.
    private void LiftForceMute(Participant participant)
    {
        var (audio, video) = ForceMuteFor(participant);
        ForceMute(participant, audio && participant.ForceMuteAudio, video && participant.ForceMuteVideo);
    }

    private static string NickOf(string occupantJid) => occupantJid[(occupantJid.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) ? child : null;

    private static bool IsTrue(JsonElement? element) => element is { ValueKind: JsonValueKind.True };

    private static string? Text(JsonElement parent, string name) => Child(parent, name) is { ValueKind: JsonValueKind.String } child ? child.GetString() : null;
}
