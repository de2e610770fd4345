using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

/// <summary>A participant's presence in the room. Each presence contains the complete state.</summary>
public sealed class LocalPresence
{
    private readonly ParticipantOptions _options;
    private readonly string _capsVersion;

    internal LocalPresence(ParticipantOptions options, DiscoInfo features)
    {
        _options = options;
        _capsVersion = features.VerificationString();
        AudioMuted = !options.SendsAudio;
        VideoMuted = !options.SendsVideo;
    }

    public bool AudioMuted { get; set; }

    public bool VideoMuted { get; set; }

    /// <summary>Children that are appended as they are.</summary>
    public IList<XmppElement> Extra { get; } = [];

    internal XmppElement ToStanza(string to, bool joining)
    {
        var nick = to[(to.LastIndexOf('/') + 1)..];
        var presence = Stanzas.Presence(null, to);
        if (joining) presence.Add(new XmppElement("x", Namespaces.Muc));
        presence.Add(new XmppElement("stats-id", Namespaces.Client).AddText("Headless-" + nick[..3]));
        presence.Add(new XmppElement("c", Namespaces.Caps, ("hash", "sha-1"), ("node", ClientFeatures.Node), ("ver", _capsVersion)));
        presence.Add(new XmppElement("jitsi_participant_codecList", Namespaces.Client).AddText("vp8"));
        if (_options.DisplayName is { } name) presence.Add(new XmppElement("nick", Namespaces.Nick).AddText(name));
        presence.Add(new XmppElement("SourceInfo", Namespaces.Client).AddText(
            $$$"""{"{{{nick}}}-a0":{"muted":{{{Bool(AudioMuted)}}}},"{{{nick}}}-v0":{"muted":{{{Bool(VideoMuted)}}}}}"""));
        foreach (var child in Extra) presence.Add(child);
        return presence;
    }

    private static string Bool(bool value) => value ? "true" : "false";
}
