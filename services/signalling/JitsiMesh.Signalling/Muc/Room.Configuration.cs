using System.Globalization;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>The room's description and its owner form (XEP-0045 sections 6.4 and 10.2).</summary>
public sealed partial class Room
{
    /// <summary>Whether conferences here may have visitors; focus asks for the flag in the owner form.</summary>
    private const string VisitorsEnabled = "muc#roominfo_visitorsEnabled";

    /// <summary>The text with which the room was ended for everybody; null while the room exists, and where it ended because it was empty.</summary>
    public string? EndReason { get; private set; }

    private DiscoInfo Describe()
    {
        var info = new DiscoInfo();
        info.Identities.Add(new DiscoIdentity("conference", "text", Address.Local ?? ""));
        info.Features.AddRange(
        [
            Namespaces.Muc,
            Configuration.Password is null ? "muc_unsecured" : "muc_passwordprotected",
            Configuration.MembersOnly ? "muc_membersonly" : "muc_open",
            "muc_nonanonymous", "muc_hidden", "muc_temporary", "muc_unmoderated",
        ]);
        var form = new DataForm("result").AddFormType(Namespaces.MucRoomInfo);
        form.Add("muc#roominfo_description", Configuration.Description);
        form.Add("muc#roominfo_subject", Configuration.Subject ?? "");
        form.Add("muc#roominfo_occupants", _occupants.Count.ToString(CultureInfo.InvariantCulture));
        form.Add("muc#roominfo_meetingId", Configuration.MeetingId);
        if (Configuration.HasLobby) form.Add("muc#roominfo_lobbyroom", LobbyJid);
        form.Add("muc#roominfo_created_timestamp", Configuration.CreatedMilliseconds.ToString(CultureInfo.InvariantCulture));
        foreach (var module in _modules) module.Describe(info, form);
        info.Forms.Add(form);
        return info;
    }

    private DataForm OwnerForm()
    {
        var form = new DataForm("form").AddFormType(Namespaces.MucRoomConfig);
        form.Add("muc#roomconfig_roomname", Address.Local ?? "");
        form.Add("muc#roomconfig_roomdesc", Configuration.Description);
        form.AddBoolean("muc#roomconfig_persistentroom", false);
        form.AddBoolean("muc#roomconfig_publicroom", false);
        form.AddBoolean("muc#roomconfig_membersonly", Configuration.MembersOnly);
        form.AddBoolean("muc#roomconfig_moderatedroom", false);
        form.Add("muc#roomconfig_whois", "anyone", "list-single");
        form.Add("muc#roomconfig_roomsecret", Configuration.Password ?? "", "text-private");
        form.AddBoolean("muc#roomconfig_passwordprotectedroom", Configuration.Password is not null);
        form.Add("muc#roominfo_meetingId", Configuration.MeetingId);
        form.AddBoolean(VisitorsEnabled, false);
        foreach (var module in _modules) module.DescribeToOwner(form);
        return form;
    }

    private void Configure(RoomInput input, Occupant? sender, XmppElement query, MeshInstant now, RoomOutputs outputs)
    {
        if (!IsOwner(input.From) || IsLobby)
        {
            SendError(input, StanzaError.Forbidden, outputs);
            return;
        }

        if (query.Child("destroy", Namespaces.MucOwner) is { } destroy)
        {
            SendResult(input, null, outputs);
            Destroy(destroy.Child("reason", Namespaces.MucOwner) is { } reason ? PlainText.Shorten(reason.Text, SignallingLimits.ReasonLength) : null, Xmpp.Jid.TryParse(destroy["jid"], out _) ? destroy["jid"] : null, now, outputs);
            return;
        }

        var form = DataForm.Read(query.Child("x", Namespaces.DataForm));
        if (form is null || form.FormType is not (null or Namespaces.MucRoomConfig))
        {
            SendError(input, StanzaError.BadRequest, outputs);
            return;
        }

        if (form.Type == "cancel")
        {
            SendResult(input, null, outputs);
            return;
        }

        if (IsTooLong(form))
        {
            SendError(input, StanzaError.NotAcceptable, outputs);
            return;
        }

        var before = Configuration;
        var changed = Applied(form, IsAdmin(input.From));
        // A form that a person submits decides about the lobby, also by leaving the field out; a form of focus does not.
        var lobby = IsAdmin(input.From) || IsLobby || IsBreakout ? Configuration.HasLobby : Context.Options.Lobby && form.Boolean("muc#roomconfig_membersonly") == true;
        // The main room decides who may enter its breakout rooms.
        if (!IsAdmin(input.From)) changed = changed with { MembersOnly = IsBreakout ? before.MembersOnly : lobby };
        SendResult(input, null, outputs);
        Configuration = changed;
        MarkConfiguration(outputs);
        SwitchLobby(lobby, sender, now, outputs);
        if (Configuration == before) return;
        BroadcastConfigurationChange(outputs);
    }

    private static bool IsTooLong(DataForm form) =>
        form.Fields.Count > SignallingLimits.ConfigurationFields
        || form["muc#roomconfig_roomsecret"]?.Length > SignallingLimits.RoomPasswordLength
        || form["muc#roomconfig_roomdesc"]?.Length > SignallingLimits.RoomDescriptionLength
        || form["muc#roominfo_meetingId"]?.Length > SignallingLimits.RoomDescriptionLength;

    /// <summary>What a submission makes of the configuration. Fields that are absent keep their value.</summary>
    private RoomConfiguration Applied(DataForm form, bool admin)
    {
        var changed = Configuration;
        if (form["muc#roomconfig_roomdesc"] is { } description) changed = changed with { Description = description };
        if (form.Boolean("muc#roomconfig_membersonly") is { } membersOnly) changed = changed with { MembersOnly = membersOnly };
        if (form.Boolean("muc#roomconfig_passwordprotectedroom") == false) changed = changed with { Password = null };
        else if (form["muc#roomconfig_roomsecret"] is { } secret) changed = changed with { Password = secret.Length == 0 ? null : secret };
        if (admin && form["muc#roominfo_meetingId"] is { Length: > 0 } meetingId) changed = changed with { MeetingId = meetingId };
        return changed;
    }

    /// <summary>Code 104 (section 10.2.1): clients look at the room's description again.</summary>
    public void BroadcastConfigurationChange(RoomOutputs outputs)
    {
        foreach (var module in _modules) module.Configured(outputs);
        var message = Stanzas.Message("groupchat", null, ClientJid);
        Broadcast(message.Add(new XmppElement("x", Namespaces.MucUser).Add(Status("104"))), null, null, outputs);
    }

    /// <summary>Ends the room for everybody (section 10.9).</summary>
    /// <param name="reason">A text; the client knows some by heart.</param>
    /// <param name="alternate">Where to go instead, or null.</param>
    /// <param name="now">The time.</param>
    /// <param name="outputs">Where it goes.</param>
    public void Destroy(string? reason, string? alternate, MeshInstant now, RoomOutputs outputs)
    {
        EndReason = reason;
        TellEnd(reason, outputs, alternate);
        foreach (var occupant in _occupants)
        {
            occupant.LeftBecause = LeaveReason.RoomEnded;
            TellModules(occupant, now, outputs);
        }

        _occupants.Clear();
        _byNick.Clear();
        _byRealJid.Clear();
        _clients = null;
        End(now, outputs);
    }

    /// <summary>Tells everybody that the room is over, and no more.</summary>
    internal void TellEnd(string? reason, RoomOutputs outputs, string? alternate = null)
    {
        foreach (var occupant in _occupants)
        {
            var destroy = new XmppElement("destroy", Namespaces.MucUser, ("jid", alternate));
            if (reason is not null) destroy.Add(new XmppElement("reason", Namespaces.MucUser).AddText(reason));
            var presence = Stanzas.Presence("unavailable", null, OccupantJid(occupant));
            var x = UserElement(Item(Affiliations.None, "none", null));
            Send(occupant, presence.Add(x.Add(destroy)), occupant, outputs);
        }
    }
}
