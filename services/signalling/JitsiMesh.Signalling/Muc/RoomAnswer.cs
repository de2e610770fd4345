using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>What a feature answers a service that asks the room: a result, which may be empty, or an error.</summary>
public sealed record RoomAnswer(XmppElement? Result, StanzaError? Error = null)
{
    public static readonly RoomAnswer Done = new((XmppElement?)null);

    public static RoomAnswer Refused(StanzaError error) => new(null, error);
}
