using JitsiMesh.Signalling.Modules.RoomMetadata;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// The lobby (mod_muc_lobby_rooms): a second room of the same name in the lobby domain, where those wait who are not members. Its
/// affiliations are those of the main room, and who waits sees nobody.
/// </summary>
public sealed partial class Room
{
    /// <summary>What those who wait are told when the lobby is switched off; their clients join by themselves then.</summary>
    public const string LobbyClosed = "Lobby room closed.";

    public bool IsLobby { get; }

    private Room? Main => IsLobby ? Context.Rooms?.Find($"{Address.Local}@{Context.Domains.MucDomain}") : null;

    private string LobbyJid => $"{Address.Local}@{Context.Domains.LobbyDomain}";

    private Room? Lobby => Configuration.HasLobby ? Context.Rooms?.Find(LobbyJid) : null;

    /// <summary>Whether the presence of one occupant is for another: in a lobby, moderators see who waits, and everybody itself.</summary>
    private bool MaySee(Occupant subject, Occupant viewer) => !IsLobby || subject == viewer || (!IsOwner(subject.Session) && IsOwner(viewer.Session));

    /// <summary>Whether a message may pass: in a lobby only to or from a moderator.</summary>
    private bool MayTalk(Occupant a, Occupant b) => !IsLobby || a == b || IsOwner(a.Session) || IsOwner(b.Session);

    /// <summary>Switches the lobby as a moderator's submission says.</summary>
    private void SwitchLobby(bool on, Occupant? actor, MeshInstant now, RoomOutputs outputs)
    {
        if (on == Configuration.HasLobby) return;
        var lobby = Lobby;
        Configuration = Configuration with { HasLobby = on, WaitsForHost = false };
        MarkConfiguration(outputs);
        if (on) Context.Rooms?.CreateLobby(this, outputs);
        else lobby?.Destroy(LobbyClosed, ClientJid, now, outputs);
        Module<RoomMetadataModule>()?.Set("lobbyEnabled", UserJson.Of(on), outputs);
        NotifyLobby("LOBBY-ENABLED", UserJson.Of(on), null, actor, outputs);
    }

    /// <summary>Tells everybody in the main room what happened to the lobby, in the name of who did it.</summary>
    private void NotifyLobby(string happened, UserJson value, string? name, Occupant? actor, RoomOutputs outputs)
    {
        var json = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "lobby-notify");
            writer.WriteString("event", happened);
            writer.WritePropertyName("value");
            value.Write(writer);
            if (name is not null) writer.WriteString("name", name);
            writer.WriteEndObject();
        });
        var message = Stanzas.Message("groupchat", null, actor is null ? ClientJid : OccupantJid(actor));
        Broadcast(message.Add(new XmppElement("json-message", Namespaces.JitMeet).AddText(json)), actor, null, outputs);
    }

    /// <summary>One who may not in yet: needs a name first, then is shown the way to the lobby.</summary>
    private StanzaError? RefuseNonMember(string affiliation, XmppElement presence)
    {
        if (Configuration is { HasLobby: true, WaitsForHost: false } && string.IsNullOrWhiteSpace(presence.Child("nick", Namespaces.Nick)?.Text))
        {
            return StanzaError.NotAcceptable with { Application = new XmppElement("displayname-required", Namespaces.JitMeet, ("lobby", "true")) };
        }

        if (affiliation != Affiliations.None) return null;
        return Configuration.HasLobby
            ? StanzaError.RegistrationRequired with { Application = new XmppElement("lobbyroom", Namespaces.JitMeet).AddText(LobbyJid) }
            : StanzaError.RegistrationRequired;
    }

    /// <summary>Answers a join that is not let in.</summary>
    internal void SendJoinError(RoomInput input, StanzaError error, RoomOutputs outputs)
    {
        error = JoinErrorCodes.WithCode(error);
        if (error.Application?.Name is not ("lobbyroom" or "displayname-required"))
        {
            SendError(input, error, outputs);
            return;
        }

        var reply = Stanzas.Error(input.Stanza, error);
        reply["to"] = input.From.FullJid;
        // COMPAT(lib-jitsi-meet): older clients look at the code and at a lobbyroom outside of the error.
        reply.Child("error")!["code"] = error.Condition == "not-acceptable" ? "406" : "407";
        if (error.Application.Name == "lobbyroom" && Configuration.WaitsForHost) reply.Child("error")!.Add(new XmppElement("waiting-for-host", Namespaces.JitMeet));
        if (error.Application.Name == "lobbyroom") reply.Add(new XmppElement("lobbyroom", Namespaces.Client).AddText(LobbyJid));
        Send(input.From, reply, null, outputs);
    }

    /// <summary>Mediated invitations (XEP-0045 section 7.8.2): a moderator admits occupants of the lobby. An admitted member cannot admit others.</summary>
    private void Invite(RoomInput input, Occupant sender, XmppElement x, RoomOutputs outputs)
    {
        if (AffiliationOf(sender) is not (Affiliations.Owner or Affiliations.Admin))
        {
            SendError(input, StanzaError.Forbidden, outputs);
            return;
        }

        XmppElement[] invites = [.. x.Children("invite", Namespaces.MucUser)];
        if (invites.Length > SignallingLimits.Invitations || invites.Any(invite => invite["to"]?.Length > SignallingLimits.AffiliationJidLength))
        {
            SendError(input, StanzaError.BadRequest, outputs);
            return;
        }

        var lobby = Lobby;
        var waiting = (lobby?._occupants ?? []).ToLookup(occupant => occupant.BareJid, StringComparer.Ordinal);
        var strangers = 0;
        var full = false;
        var changed = false;
        foreach (var invite in invites)
        {
            if (!Xmpp.Jid.TryParse(invite["to"], out var invited)) continue;
            var bare = invited.Bare.ToString();
            var knocker = waiting[bare].FirstOrDefault();
            // A client that reconnects at this moment is not in the lobby. Only a few of an invitation can be such.
            if (knocker is null && ++strangers > SignallingLimits.AdminItems) continue;
            if (AffiliationOf(SessionInfo.Of(invited, "")) == Affiliations.None)
            {
                if (full = !TrySetAffiliation(bare, Affiliations.Member)) break;
                changed = true;
            }

            if (knocker is null) continue;
            NotifyLobby("LOBBY-ACCESS-GRANTED", UserJson.Of(lobby!.OccupantJid(knocker)), knocker.DisplayName, sender, outputs);
            var message = Stanzas.Message(null, null, ClientJid);
            var told = new XmppElement("invite", Namespaces.MucUser, ("from", OccupantJid(sender)));
            if (invite.Child("reason") is { } reason) told.Add(new XmppElement("reason", Namespaces.MucUser).AddText(PlainText.Shorten(reason.Text, SignallingLimits.ReasonLength)));
            Send(knocker.Session, message.Add(new XmppElement("x", Namespaces.MucUser).Add(told)), null, outputs);
        }

        if (changed) MarkAffiliations(outputs);
        if (full) SendError(input, StanzaError.ResourceConstraint, outputs);
    }

    /// <summary>A moderator sent one away from the lobby.</summary>
    private void TellDenied(Occupant victim, Occupant? actor, RoomOutputs outputs)
    {
        if (Main is not { } main) return;
        main.NotifyLobby("LOBBY-ACCESS-DENIED", UserJson.Of(OccupantJid(victim)), victim.DisplayName, actor is null ? null : main.ByRealJid(actor.Session.FullJid), outputs);
    }
}
