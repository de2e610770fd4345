using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Messages to the room and to occupants (XEP-0045 sections 7.4 and 7.5), history and subject.</summary>
public sealed partial class Room
{
    private const string ReplyNamespace = "urn:xmpp:reply:0";
    private const string RetractNamespace = "urn:xmpp:message-retract:1";
    private const string CorrectNamespace = "urn:xmpp:message-correct:0";
    private const string FastenNamespace = "urn:xmpp:fasten:0";
    private const string DisplayNameNamespace = "http://jitsi.org/protocol/display-name";

    private void HandleMessage(RoomInput input, string? nick, MeshInstant now, RoomOutputs outputs)
    {
        // An occupant's error is about something the room sent it; nobody waits for it.
        if (input.Stanza["type"] == "error") return;
        if (ByRealJid(input.From.FullJid) is not { } sender)
        {
            SendError(input, StanzaError.NotAcceptable, outputs);
            return;
        }

        if (input.Recipients.Count > 0) RelayToMany(input, sender, outputs);
        else if (nick is not null) Private(input, sender, nick, outputs);
        else if (input.Stanza["type"] == "groupchat") Groupchat(input, sender, now, outputs);
        else if (input.Stanza.Child("x", Namespaces.MucUser) is { } x && x.Child("invite", Namespaces.MucUser) is not null) Invite(input, sender, x, outputs);
        else SendError(input, StanzaError.BadRequest, outputs);
    }

    private void Private(RoomInput input, Occupant sender, string nick, RoomOutputs outputs)
    {
        if (input.Stanza["type"] == "groupchat")
        {
            SendError(input, StanzaError.BadRequest, outputs);
            return;
        }

        if (ByNick(nick) is not { } receiver || !MayTalk(sender, receiver))
        {
            SendError(input, StanzaError.ItemNotFound, outputs);
            return;
        }

        if (Relayed(input, sender, outputs, out _) is not { } copy) return;
        copy["from"] = OccupantJid(sender);
        // Clients show a body of any other type to its receiver as if everybody had it.
        if (!sender.Session.IsService) copy["type"] = "chat";
        // XEP-0045 section 7.5: the mark tells a private message through the room from a direct one.
        copy.AddFirst(new XmppElement("x", Namespaces.MucUser));
        AddReplyNamespace(copy);
        Send(receiver, copy, sender, outputs);
    }

    /// <summary>A copy of a message without what is not its sender's to say; null when nothing is left or it is refused, which its sender is told.</summary>
    private XmppElement? Relayed(RoomInput input, Occupant sender, RoomOutputs outputs, out UserJson? json)
    {
        var voice = VoiceOf(sender.Session);
        var copy = RelayedContent.Message(input.Stanza, voice);
        var refused = RelayedContent.RefuseJson(copy, voice, out json) ?? (input.Stanza.Elements.Any() && !copy.Elements.Any() ? StanzaError.NotAcceptable : null);
        if (refused is null) return copy;
        SendError(input, refused, outputs);
        return null;
    }

    private void Groupchat(RoomInput input, Occupant sender, MeshInstant now, RoomOutputs outputs)
    {
        var body = input.Stanza.Child("body", Namespaces.Client);
        var subject = input.Stanza.Child("subject", Namespaces.Client);
        if (subject is not null && body is null)
        {
            SetSubject(input, sender, subject.Text, outputs);
            return;
        }

        if (Relayed(input, sender, outputs, out var json) is not { } copy) return;
        copy["from"] = OccupantJid(sender);
        copy["to"] = null;
        // Reactions, replies and retractions point to this id, in history too.
        copy["id"] ??= Context.Random.NextUuid();
        AddReplyNamespace(copy);
        if (Authorize(copy, json, sender) is { } refused)
        {
            SendError(input, refused, outputs);
            return;
        }

        foreach (var module in _modules)
        {
            if (module.Groupchat(sender, copy) is not { } error) continue;
            SendError(input, error, outputs);
            return;
        }

        Retract(copy, outputs);
        Broadcast(copy, sender, null, outputs);
        if (body is not null && !IsLobby && copy.Child("retract", RetractNamespace) is null) Remember(copy, sender, now, outputs);
        // Last, since it is in no document and could not be undone.
        if (body is not null) _authors.Note(copy["id"]!, sender.BareJid);
    }

    /// <summary>
    /// Only the author takes a message back or changes it, and only a moderator takes another's away: clients do not check it.
    /// </summary>
    private StanzaError? Authorize(XmppElement message, UserJson? json, Occupant sender)
    {
        if (message.Child("apply-to", FastenNamespace) is { } moderation)
        {
            if (!sender.IsModerator) return StanzaError.Forbidden.WithText("Only moderators can moderate messages");
            if (_authors.Of(moderation["id"] ?? "") is null) return StanzaError.ItemNotFound;
        }

        foreach (var child in message.Elements)
        {
            var id = (child.Name, child.Namespace) switch
            {
                ("retract", RetractNamespace) or ("replace", CorrectNamespace) => child["id"] ?? "",
                ("json-message", _) when json?.String("type") == "editChat" => json.String("messageId") ?? "",
                _ => null,
            };
            if (id is null) continue;
            if (_authors.Of(id) is not { } author) return StanzaError.ItemNotFound;
            if (author != sender.BareJid) return StanzaError.Forbidden.WithText(child.Name == "retract" ? "You can only retract your own messages" : "You can only change your own messages");
        }

        return null;
    }

    private void Retract(XmppElement message, RoomOutputs outputs)
    {
        var id = message.Child("retract", RetractNamespace)?["id"] ?? message.Child("apply-to", FastenNamespace)?["id"];
        if (id is not null && _history.RemoveAll(entry => entry.Id == id) > 0) MarkHistory(outputs);
    }

    private void Remember(XmppElement message, Occupant sender, MeshInstant now, RoomOutputs outputs)
    {
        var kept = message.ShallowClone();
        if (sender.DisplayName is { Length: > 0 } name)
        {
            // The only way for a joiner to learn the author's name once the author has left.
            kept.Add(new XmppElement("display-name", DisplayNameNamespace, ("source", sender.Session.Context.UserContext is null ? "guest" : "token")).AddText(name));
        }

        kept.Add(new XmppElement("delay", Namespaces.Delay, ("from", ClientJid), ("stamp", XmppTime.Format(now.Utc))));
        var text = XmppSerializer.Write(kept);
        if (Encoding.UTF8.GetByteCount(text) > SignallingLimits.HistoryMessageOctets) return;
        _history.Add(new HistoryEntry(message["id"]!, sender.Nick, sender.BareJid, text));
        while (_history.Count > SignallingLimits.History || _history.Sum(entry => Encoding.UTF8.GetByteCount(entry.Stanza)) > SignallingLimits.HistoryOctets) _history.RemoveAt(0);
        MarkHistory(outputs);
    }

    private void SendHistory(Occupant joiner, RoomOutputs outputs)
    {
        foreach (var entry in _history)
        {
            if (XmppParser.TryParse(entry.Stanza, out var message, out _)) Send(joiner, message, null, outputs);
        }
    }

    private void SetSubject(RoomInput input, Occupant sender, string subject, RoomOutputs outputs)
    {
        if (!sender.IsModerator || subject.Length > SignallingLimits.SubjectLength)
        {
            SendError(input, sender.IsModerator ? StanzaError.NotAcceptable : StanzaError.Forbidden, outputs);
            return;
        }

        Configuration = Configuration with { Subject = subject, SubjectNick = sender.Nick };
        MarkConfiguration(outputs);
        Broadcast(SubjectMessage(), sender, null, outputs);
    }

    /// <summary>The room itself gets a subject, or another one; of at most <see cref="SignallingLimits.SubjectLength"/>.</summary>
    public void SetSubject(string subject, RoomOutputs outputs)
    {
        Configuration = Configuration with { Subject = subject, SubjectNick = null };
        MarkConfiguration(outputs);
        Broadcast(SubjectMessage(), null, null, outputs);
    }

    /// <summary>Who may come in is another room's to say.</summary>
    public void SetMembersOnly(bool membersOnly, RoomOutputs outputs)
    {
        if (Configuration.MembersOnly == membersOnly) return;
        Configuration = Configuration with { MembersOnly = membersOnly };
        MarkConfiguration(outputs);
    }

    /// <summary>Always sent last of a join, an empty one too (section 7.2.15): it ends the join for the client.</summary>
    private void SendSubject(Occupant joiner, RoomOutputs outputs) => Send(joiner, SubjectMessage(), null, outputs);

    private XmppElement SubjectMessage()
    {
        var message = Stanzas.Message("groupchat", null, Configuration.SubjectNick is { } nick ? $"{ClientJid}/{nick}" : ClientJid);
        return message.Add(new XmppElement("subject", Namespaces.Client).AddText(Configuration.Subject ?? ""));
    }

    /// <summary>COMPAT(lib-jitsi-meet): it sends a reply without namespace and reads only one with.</summary>
    private static void AddReplyNamespace(XmppElement message)
    {
        if (message.Child("reply", Namespaces.Client) is not { } reply) return;
        message.RemoveChildren(child => child == reply);
        var named = new XmppElement("reply", ReplyNamespace);
        foreach (var attribute in reply.Attributes) named.Set(attribute.Name, attribute.Value, attribute.Namespace);
        message.Add(named);
    }
}
