using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Recipients and form of what the room sends: clients get one shared frame, services an envelope each.</summary>
public sealed partial class Room
{
    /// <summary>Sends a stanza, its addresses in the clients' form, to everybody in the room.</summary>
    /// <param name="stanza">The stanza; <c>to</c> is filled in for each.</param>
    /// <param name="sender">The occupant it comes from, for services; null when the room itself sends.</param>
    /// <param name="except">One who does not get it.</param>
    /// <param name="outputs">Where it goes.</param>
    public OutboundFrame? Broadcast(XmppElement stanza, Occupant? sender, Occupant? except, RoomOutputs outputs)
    {
        if (IsLobby && sender is not null)
        {
            BroadcastInLobby(stanza, sender, except, outputs);
            return null;
        }

        OutboundFrame? frame = null;
        var clients = Clients();
        if (clients.Length > (except is { Session.IsService: false } ? 1 : 0))
        {
            frame = OutboundFrame.Stanza(stanza);
            outputs.Deliveries.Add(new RoomDelivery(Jid, frame, clients, except?.Session.FullJid));
        }

        foreach (var occupant in _occupants)
        {
            if (occupant.Session.IsService && occupant != except) SendToService(occupant.Session, stanza, sender, outputs);
        }

        return frame;
    }

    private void BroadcastInLobby(XmppElement stanza, Occupant sender, Occupant? except, RoomOutputs outputs)
    {
        var receivers = new List<Recipient>();
        foreach (var occupant in _occupants)
        {
            if (occupant == except || !(stanza.Name == "presence" ? MaySee(sender, occupant) : MayTalk(sender, occupant))) continue;
            receivers.Add(new Recipient(occupant.Session.FullJid, occupant.Session.Queue));
        }

        if (receivers.Count > 0) outputs.Deliveries.Add(new RoomDelivery(Jid, OutboundFrame.Stanza(stanza), receivers, null));
    }

    /// <summary>Sends a stanza to one occupant.</summary>
    public void Send(Occupant to, XmppElement stanza, Occupant? sender, RoomOutputs outputs) => Send(to.Session, stanza, sender, outputs);

    /// <summary>Sends a stanza to a session, in the room or not.</summary>
    public void Send(SessionInfo to, XmppElement stanza, Occupant? sender, RoomOutputs outputs)
    {
        if (to.IsService) SendToService(to, stanza, sender, outputs);
        else outputs.Deliveries.Add(new RoomDelivery(Jid, OutboundFrame.Stanza(stanza), [new Recipient(to.FullJid, to.Queue)], null));
    }

    /// <summary>The JSON event of a component for one occupant (the form that the client's component handlers take).</summary>
    public void SendEvent(Occupant to, string component, string json, RoomOutputs outputs, bool withRoom = false) =>
        Send(to, Event(component, json, withRoom), null, outputs);

    /// <summary>The JSON event of a component for some occupants, written once.</summary>
    public void SendEvent(IEnumerable<Occupant> to, string component, string json, RoomOutputs outputs)
    {
        var stanza = Event(component, json, withRoom: false);
        var clients = new List<Recipient>();
        foreach (var occupant in to)
        {
            if (occupant.Session.IsService) SendToService(occupant.Session, stanza, null, outputs);
            else clients.Add(new Recipient(occupant.Session.FullJid, occupant.Session.Queue));
        }

        if (clients.Count > 0) outputs.Deliveries.Add(new RoomDelivery(Jid, OutboundFrame.Stanza(stanza), clients, null));
    }

    public void BroadcastEvent(string component, string json, Occupant? except, RoomOutputs outputs, bool withRoom = false) =>
        Broadcast(Event(component, json, withRoom), null, except, outputs);

    /// <summary>The JSON event of a component for everybody but services.</summary>
    public void BroadcastToClients(string component, string json, RoomOutputs outputs, bool withRoom = true)
    {
        var clients = Clients();
        if (clients.Length > 0) outputs.Deliveries.Add(new RoomDelivery(Jid, OutboundFrame.Stanza(Event(component, json, withRoom)), clients, null));
    }

    private XmppElement Event(string component, string json, bool withRoom)
    {
        var message = Stanzas.Message(null, null, component);
        return message.Add(new XmppElement("json-message", Namespaces.JitMeet, ("room", withRoom ? ClientJid : null)).AddText(json));
    }

    private void SendFrame(Occupant to, OutboundFrame frame, RoomOutputs outputs) =>
        outputs.Deliveries.Add(new RoomDelivery(Jid, frame, [new Recipient(to.Session.FullJid, to.Session.Queue)], null));

    private void SendError(RoomInput input, StanzaError error, RoomOutputs outputs)
    {
        if (input.Stanza["type"] is "error" or "result") return;
        var reply = Stanzas.Error(input.Stanza, error);
        reply["to"] = input.From.FullJid;
        Send(input.From, reply, null, outputs);
    }

    private void SendResult(RoomInput input, XmppElement? payload, RoomOutputs outputs)
    {
        var reply = Stanzas.Result(input.Stanza, payload);
        reply["to"] = input.From.FullJid;
        Send(input.From, reply, null, outputs);
    }

    private void SendToService(SessionInfo to, XmppElement stanza, Occupant? sender, RoomOutputs outputs)
    {
        var copy = stanza.ShallowClone();
        copy["to"] = to.FullJid;
        // Services know the stored form of a tenant's room, clients the other.
        if (Jid != ClientJid && copy["from"] is { } from && from.StartsWith(ClientJid, StringComparison.Ordinal)) copy["from"] = Jid + from[ClientJid.Length..];
        outputs.Services.Add(new ServiceDelivery(new LinkQueue(to.Queue), new StanzaEnvelope
        {
            Room = Jid,
            Stanza = XmppSerializer.Write(copy),
            Origin = sender?.Session.ToOrigin($"{Jid}/{sender.Nick}", sender.Role, AffiliationOf(sender)),
            TraceParent = sender?.Session.Trace,
        }));
    }

    private Recipient[] Clients() =>
        _clients ??= [.. _occupants.Where(occupant => !occupant.Session.IsService).Select(occupant => new Recipient(occupant.Session.FullJid, occupant.Session.Queue))];
}
