using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Ping;

/// <summary>XEP-0199. Every host answers for every other: a guest's client pings the main domain, and an error counts as silence.</summary>
/// <remarks>COMPAT(RFC 3921): older clients open a session after binding; there is nothing to open.</remarks>
public sealed class PingModule : HostModule
{
    public override IReadOnlyList<string> HandledNamespaces { get; } = [Namespaces.Ping, "urn:ietf:params:xml:ns:xmpp-session"];

    public override HostAnswer Handle(SessionInfo session, XmppElement iq, XmppElement payload, MeshInstant now) => HostAnswer.Ok(null);
}
