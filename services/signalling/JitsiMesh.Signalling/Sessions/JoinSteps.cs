using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>What a client says and hears on its way into a conference.</summary>
public enum JoinStep
{
    None,
    RequestConference,
    ConferenceReady,
    EnterRoom,
    RoomEntered,
    Offered,
    Accept,
}

/// <summary>Tells the steps by a stanza's outside: payload, status, and of Jingle the action alone.</summary>
public static class JoinSteps
{
    private const string Jingle = "urn:xmpp:jingle:1";

    /// <summary>Of a stanza from a client.</summary>
    public static JoinStep OfReceived(XmppElement stanza) => stanza.Name switch
    {
        "iq" when stanza["type"] != "set" => JoinStep.None,
        "iq" when stanza.Child("conference", Namespaces.Focus) is not null => JoinStep.RequestConference,
        "iq" when stanza.Child("jingle", Jingle)?["action"] == "session-accept" => JoinStep.Accept,
        "presence" when stanza["type"] is null && stanza.Child("x", Namespaces.Muc) is not null => JoinStep.EnterRoom,
        _ => JoinStep.None,
    };

    /// <summary>Of a stanza to a client.</summary>
    public static JoinStep OfDelivered(XmppElement stanza) => stanza.Name switch
    {
        "iq" when stanza["type"] == "result" && stanza.Child("conference", Namespaces.Focus) is not null => JoinStep.ConferenceReady,
        "iq" when stanza["type"] == "set" && stanza.Child("jingle", Jingle)?["action"] == "session-initiate" => JoinStep.Offered,
        "presence" when stanza["type"] is null && stanza.Child("x", Namespaces.MucUser)?.Elements.Any(child => child.Name == "status" && child["code"] == "110") == true => JoinStep.RoomEntered,
        _ => JoinStep.None,
    };
}
