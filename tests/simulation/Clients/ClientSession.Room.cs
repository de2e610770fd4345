using System.Globalization;
using JitsiMesh.Simulation.Tests.Runs;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Simulation.Tests.Clients;

/// <summary>The room: joining, its occupants, its messages.</summary>
public sealed partial class ClientSession
{
    private const string VersionNamespace = "urn:jitsimesh:simulation";

    private readonly Dictionary<string, int> _heard = new(StringComparer.Ordinal);
    private bool _asking;
    private int _said;

    /// <summary>The room has confirmed the join.</summary>
    public bool IsIn { get; private set; }

    /// <summary>Since when without interruption.</summary>
    public TimeSpan InSince { get; private set; }

    public bool IsOwner { get; private set; }

    /// <summary>The number of the last presence sent.</summary>
    public int Version { get; private set; }

    public bool AudioMuted { get; private set; }

    /// <summary>The number of the last presence by nick, of all in the room but focus, oneself among them.</summary>
    public Dictionary<string, int> Roster { get; } = new(StringComparer.Ordinal);

    /// <summary>The received messages of the room, once for each arrival.</summary>
    public List<string> Messages { get; } = [];

    public bool SeesFocus { get; private set; }

    public void Ask()
    {
        if (_asking || IsIn || !_client.Wants) return;
        _asking = true;
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", Room), ("machine-uid", Nick));
        Request($"focus.{SimulatedMesh.Domain}", "set", conference, "conference", answer =>
        {
            _asking = false;
            if (answer["type"] == "result" && answer.Child("conference", Namespaces.Focus)?["ready"] == "true") SendJoin();
            else After(100, 300, Ask);
        });
    }

    public void LeaveRoom()
    {
        if (!IsIn) return;
        Send(Stanzas.Presence("unavailable", $"{Room}/{Nick}"));
        Out();
    }

    public void Say()
    {
        if (!IsIn) return;
        var text = string.Create(CultureInfo.InvariantCulture, $"{Nick}:{++_said}");
        _mesh.Said(this, text);
        Send(Stanzas.Message("groupchat", Room).Add(new XmppElement("body", Namespaces.Client).AddText(text)));
    }

    public void Mute(bool muted)
    {
        if (!IsIn) return;
        AudioMuted = muted;
        SendPresence(join: false);
    }

    public void MuteOther(string nick)
    {
        if (IsIn) Request($"{Room}/focus", "set", new XmppElement("mute", "http://jitsi.org/jitmeet/audio", ("jid", $"{Room}/{nick}")).AddText("true"), "mute");
    }

    public void Kick(string nick)
    {
        var item = new XmppElement("item", Namespaces.MucAdmin, ("nick", nick), ("role", "none")).Add(new XmppElement("reason", Namespaces.MucAdmin).AddText("out"));
        if (IsIn) Request(Room, "set", new XmppElement("query", Namespaces.MucAdmin).Add(item), "kick");
    }

    public void Configure(string description)
    {
        if (!IsIn) return;
        var form = new DataForm("submit").AddFormType(Namespaces.MucRoomConfig);
        form.Add("muc#roomconfig_roomdesc", description);
        Request(Room, "set", new XmppElement("query", Namespaces.MucOwner).Add(form.ToElement()), "configure");
    }

    private void SendJoin()
    {
        if (IsIn || !_client.Wants) return;
        // Late stanzas of the previous stay.
        Roster.Clear();
        RemoteSources.Clear();
        SendPresence(join: true);
    }

    private void SendPresence(bool join)
    {
        var presence = Stanzas.Presence(null, $"{Room}/{Nick}");
        if (join) presence.Add(new XmppElement("x", Namespaces.Muc));
        presence.Add(new XmppElement("audiomuted", Namespaces.Client).AddText(AudioMuted ? "true" : "false"));
        presence.Add(new XmppElement("version", VersionNamespace).AddText((++Version).ToString(CultureInfo.InvariantCulture)));
        Send(presence);
    }

    private void ReceivePresence(XmppElement presence)
    {
        if (!Jid.TryParse(presence["from"], out var from) || from.Resource is not { } nick) return;
        var user = presence.Child("x", Namespaces.MucUser);
        var self = user?.Children("status", Namespaces.MucUser).Any(status => status["code"] == "110") == true;
        switch (presence["type"])
        {
            case "error":
                // The room is not there any more, or not yet: as a client does, ask focus again.
                After(50, 200, Ask);
                break;
            case "unavailable" when self:
                if (user!.Children("status", Namespaces.MucUser).Any(status => status["code"] == "307")) _client.Kicked();
                if (!IsIn) break;
                Out();
                After(50, 200, Ask);
                break;
            case "unavailable":
                if (nick == "focus") SeesFocus = false;
                Roster.Remove(nick);
                RemoteSources.Remove(nick);
                _cleanedUp.Add(nick);
                break;
            case null when nick == "focus":
                SeesFocus = true;
                break;
            case null:
                var version = int.Parse(presence.Child("version", VersionNamespace)!.Text, CultureInfo.InvariantCulture);
                if (Roster.TryGetValue(nick, out var before) && version < before) throw new InvariantException($"{Nick} got presence {version} of {nick} after {before}");
                Roster[nick] = version;
                if (!self) break;
                IsOwner = user!.Child("item", Namespaces.MucUser)?["affiliation"] == "owner";
                if (IsIn) break;
                IsIn = true;
                InSince = _mesh.Scheduler.Time.Elapsed;
                if (!_client.Wants) After(0, 5, LeaveRoom);
                break;
        }
    }

    private void Out()
    {
        IsIn = false;
        IsOwner = false;
        SeesFocus = false;
        Roster.Clear();
        // A client that left the room gets no answers through it.
        foreach (var id in _asked.Keys.Where(id => !id.StartsWith("conference", StringComparison.Ordinal)).ToList()) _asked.Remove(id);
        EndCall();
        OwnSources.RemoveAll(source => source.Type == Jingle.VideoType.Desktop);
    }

    private void ReceiveMessage(XmppElement message)
    {
        if (message["type"] != "groupchat" || message.Child("body") is not { } body || message.Child("delay", Namespaces.Delay) is not null) return;
        var colon = body.Text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return;
        var (speaker, number) = (body.Text[..colon], int.Parse(body.Text.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        var before = _heard.GetValueOrDefault(speaker);
        if (number <= before) throw new InvariantException($"{Nick} got {body.Text} after {before} of the same speaker");
        _heard[speaker] = number;
        Messages.Add(body.Text);
    }
}
