using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// What rooms say to each other. It always goes over the link, also between two rooms of one mailbox: numbered in the sender's journal, written before it is sent, and taken in once by
/// whichever node owns the other room then. Nothing that a client or a service sends can be taken for it.
/// </summary>
public static class RoomSaying
{
    private const string Element = "said";
    private const string Namespace = "urn:jitsimesh:rooms";
    private const string ReturnedMark = "returned";

    /// <param name="from">The stored bare JID of the room that says it.</param>
    /// <param name="to">The stored bare JID of the other room.</param>
    /// <param name="payload">One element of the feature's own namespace.</param>
    /// <param name="begins">The other room begins with it, if it is not there and if its domain has rooms that others open.</param>
    public static ServiceDelivery Make(string from, string to, XmppElement payload, bool begins = false)
    {
        var said = new XmppElement(Element, Namespace, ("begins", begins ? "true" : null)).Add(payload);
        var message = Stanzas.Message(null, to, from).Add(said);
        return new ServiceDelivery(QueueOf(to), new StanzaEnvelope { Room = to, FromRoom = from, Stanza = XmppSerializer.Write(message) });
    }

    /// <summary>The room as a sender: unbounded, as services are, and without any address that could be answered.</summary>
    public static SessionInfo SenderOf(Jid room) => SessionInfo.Of(room, QueueOf(room.ToString()).Name) with { IsService = true };

    public static bool Begins(XmppElement stanza) => stanza.Child(Element, Namespace)?["begins"] == "true";

    /// <summary>What a feature said; null for a stanza that holds nothing.</summary>
    public static XmppElement? Payload(XmppElement stanza) => stanza.Child(Element, Namespace)?.Elements.FirstOrDefault();

    /// <summary>The other room is not there: this is what was said to it.</summary>
    public static bool IsReturned(XmppElement payload) => payload[ReturnedMark] == "true";

    /// <summary>Sends back what was said to a room that is not there; null for what came back itself.</summary>
    public static ServiceDelivery? Returned(RoomInput input, string from) =>
        Payload(input.Stanza) is { } payload && !IsReturned(payload) ? Make(input.Room, from, payload.ShallowClone().Set(ReturnedMark, "true")) : null;

    private static LinkQueue QueueOf(string room) => LinkQueue.Partition("signalling", Partitions.Of(room));
}
