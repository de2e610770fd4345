using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Roster;

/// <summary>RFC 6121 section 2: nobody has contacts here. COMPAT(Smack): it asks at each login, and a client that gets an error may never become ready.</summary>
public sealed class RosterModule : HostModule
{
    public override IReadOnlyList<string> HandledNamespaces { get; } = [Namespaces.Roster];

    public override HostAnswer Handle(SessionInfo session, XmppElement iq, XmppElement payload, MeshInstant now) =>
        iq["type"] == "get" ? HostAnswer.Ok(new XmppElement("query", Namespaces.Roster)) : HostAnswer.Refused(StanzaError.NotAllowed);
}
