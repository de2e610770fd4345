using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

public sealed partial class HeadlessParticipant
{
    private void OnPresence(XmppElement presence, MonotonicTime now)
    {
        if (!Jid.TryParse(presence["from"], out var from) || from.Resource is not { } nick || from.Bare.ToString() != Options.RoomJid) return;
        var user = presence.Child("x", Namespaces.MucUser);
        switch (presence["type"])
        {
            case "error":
                _events.Enqueue(new ParticipantEvent.Refused("join", StanzaError.Read(presence)));
                break;
            case "unavailable":
                OnUnavailable(nick, user);
                break;
            case null:
                OnAvailable(nick, presence, user, now);
                break;
        }
    }

    private void OnAvailable(string nick, XmppElement presence, XmppElement? user, MonotonicTime now)
    {
        // A presence without an item belongs to no occupant (lib-jitsi-meet ignores it too).
        if (user?.Child("item", Namespaces.MucUser) is not { } item) return;
        if (nick == Nick)
        {
            Role = item["role"] ?? "none";
            if (IsJoined || !HasStatus(user, "110")) return;
            IsJoined = true;
            JoinedAt = now;
            _events.Enqueue(new ParticipantEvent.Joined());
            return;
        }

        if (FocusJid is not null && item["jid"]?.StartsWith(FocusJid + "/", StringComparison.Ordinal) == true)
        {
            SeesFocus = true;
            BridgeNotAvailable = presence.Child("bridgeNotAvailable") is not null;
            return;
        }

        var isNew = !_occupants.ContainsKey(nick);
        _occupants[nick] = new Occupant(nick, item["jid"], item["role"] ?? "none", item["affiliation"] ?? "none", presence.Child("nick", Namespaces.Nick)?.Text, presence.Child("SourceInfo")?.Text);
        if (isNew) _events.Enqueue(new ParticipantEvent.OccupantJoined(nick));
    }

    private void OnUnavailable(string nick, XmppElement? user)
    {
        var actor = user is not null && HasStatus(user, "307") ? user.Child("item", Namespaces.MucUser)?.Child("actor", Namespaces.MucUser)?["nick"] ?? "" : null;
        if (nick == Nick)
        {
            IsJoined = false;
            SeesFocus = false;
            Role = "none";
            _occupants.Clear();
            RemoteSources = new Jingle.SourceMap();
            Session = null;
            _events.Enqueue(new ParticipantEvent.Left(actor));
            return;
        }

        if (nick == FocusNick)
        {
            SeesFocus = false;
            FocusLeavesSeen++;
        }

        if (!_occupants.Remove(nick)) return;
        LeavesSeen++;
        RemoteSources[nick] = Jingle.SourceSet.Empty;
        _events.Enqueue(new ParticipantEvent.OccupantLeft(nick, actor));
    }

    private static bool HasStatus(XmppElement user, string code) => user.Children("status", Namespaces.MucUser).Any(status => status["code"] == code);
}
