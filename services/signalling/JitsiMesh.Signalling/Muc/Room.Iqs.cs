using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>IQs: between occupants (Jingle, disco, mute, dial, record), and to the room itself.</summary>
public sealed partial class Room
{
    private void HandleIq(RoomInput input, string? nick, MeshInstant now, RoomOutputs outputs)
    {
        var sender = ByRealJid(input.From.FullJid);
        if (sender is null && !IsAdmin(input.From))
        {
            // Also hides whether the room exists from those who ask for its disco#info (mod_muc_hide_all).
            SendError(input, StanzaError.Forbidden, outputs);
            return;
        }

        if (input.Recipients.Count > 0 && sender is not null) RelayToMany(input, sender, outputs);
        else if (nick is not null) Relay(input, sender, nick, outputs);
        else if (Stanzas.IsRequest(input.Stanza)) HandleRoomIq(input, sender, now, outputs);
    }

    /// <summary>
    /// Passes an IQ on with the sender's occupant JID. An occupant is one session, so the id needs no rewriting for the answer to find back.
    /// </summary>
    private void Relay(RoomInput input, Occupant? sender, string nick, RoomOutputs outputs)
    {
        if (sender is null)
        {
            SendError(input, StanzaError.NotAcceptable, outputs);
            return;
        }

        if (ByNick(nick) is not { } receiver || !MayTalk(sender, receiver))
        {
            SendError(input, StanzaError.ItemNotFound, outputs);
            return;
        }

        if (RelayedContent.Iq(input.Stanza, VoiceOf(sender.Session), receiver.Session.IsService) is not { } copy)
        {
            SendError(input, StanzaError.Forbidden, outputs);
            return;
        }

        copy["from"] = OccupantJid(sender);
        foreach (var module in _modules)
        {
            if (module.Relaying(sender, receiver, copy) is not { } refused) continue;
            SendError(input, refused, outputs);
            return;
        }

        Send(receiver, copy, sender, outputs);
    }

    /// <summary>
    /// A stanza of an occupant to another occupant's real address. Genuine clients do not need it; a session outside of the room is not reached.
    /// </summary>
    public void HandleDirect(RoomInput input, string toFullJid, RoomOutputs outputs)
    {
        if (ByRealJid(input.From.FullJid) is not { } sender || ByRealJid(toFullJid) is not { } receiver || receiver.Session.IsService || IsHidden(receiver.Session) || !MayTalk(sender, receiver))
        {
            SendError(input, StanzaError.ServiceUnavailable, outputs);
            return;
        }

        var isMessage = input.Stanza.Name == "message";
        if ((isMessage ? Relayed(input, sender, outputs, out _) : RelayedContent.Iq(input.Stanza, VoiceOf(sender.Session), toService: false)) is { } copy)
        {
            copy["from"] = input.From.FullJid;
            Send(receiver, copy, sender, outputs);
        }
        else if (!isMessage)
        {
            SendError(input, StanzaError.Forbidden, outputs);
        }
    }

    /// <summary>A service's stanza for many: written once, the id the same for all.</summary>
    private void RelayToMany(RoomInput input, Occupant sender, RoomOutputs outputs)
    {
        var copy = input.Stanza.ShallowClone();
        copy["from"] = OccupantJid(sender);
        var clients = new List<Recipient>(input.Recipients.Count);
        foreach (var address in input.Recipients)
        {
            if ((ByOccupantJid(address) ?? ByRealJid(address)) is not { } receiver)
            {
                var error = Stanzas.Error(input.Stanza, StanzaError.ItemNotFound);
                error["from"] = address;
                error["to"] = input.From.FullJid;
                if (input.Stanza["type"] is not ("error" or "result")) Send(input.From, error, null, outputs);
            }
            else if (receiver.Session.IsService)
            {
                SendToService(receiver.Session, copy, sender, outputs);
            }
            else
            {
                clients.Add(new Recipient(receiver.Session.FullJid, receiver.Session.Queue));
            }
        }

        if (clients.Count > 0) outputs.Deliveries.Add(new RoomDelivery(Jid, OutboundFrame.Stanza(copy), clients, null));
    }

    private void HandleRoomIq(RoomInput input, Occupant? sender, MeshInstant now, RoomOutputs outputs)
    {
        var payload = input.Stanza.Child(null);
        switch (payload?.Name, payload?.Namespace, input.Stanza["type"])
        {
            case ("query", Namespaces.DiscoInfo, "get"):
                SendResult(input, Describe().ToElement(payload["node"]), outputs);
                break;
            case ("query", Namespaces.DiscoItems, "get"):
                SendResult(input, new XmppElement("query", Namespaces.DiscoItems), outputs);
                break;
            case ("query", Namespaces.MucOwner, "get"):
                if (IsOwner(input.From)) SendResult(input, new XmppElement("query", Namespaces.MucOwner).Add(OwnerForm().ToElement()), outputs);
                else SendError(input, StanzaError.Forbidden, outputs);
                break;
            case ("query", Namespaces.MucOwner, "set"):
                Configure(input, sender, payload, now, outputs);
                break;
            case ("query", Namespaces.MucAdmin, "get"):
                ListAffiliations(input, payload, outputs);
                break;
            case ("query", Namespaces.MucAdmin, "set"):
                Administer(input, sender, payload, now, outputs);
                break;
            case ({ }, _, "get" or "set") when IsAdmin(input.From) && Serve(input, payload, now, outputs):
                break;
            default:
                SendError(input, StanzaError.ServiceUnavailable, outputs);
                break;
        }
    }

    private bool IsOwner(SessionInfo session) => AffiliationOf(session) == Affiliations.Owner;
}
