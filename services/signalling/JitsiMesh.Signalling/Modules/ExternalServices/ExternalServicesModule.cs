using System.Globalization;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.ExternalServices;

/// <summary>XEP-0215: where TURN and STUN are. An empty list is still an answer; an error makes the client ask again in the older namespace.</summary>
public sealed class ExternalServicesModule(SignallingOptions options) : HostModule
{
    public override IReadOnlyList<string> HandledNamespaces { get; } = [Namespaces.ExternalServices2, Namespaces.ExternalServices1];

    public override bool GivesCredentials => true;

    public override HostAnswer Handle(SessionInfo session, XmppElement iq, XmppElement payload, MeshInstant now)
    {
        if (iq["type"] != "get") return HostAnswer.Refused(StanzaError.BadRequest);
        if (payload.Name != "services") return HostAnswer.Refused(StanzaError.ItemNotFound);
        var wanted = payload["type"];
        var services = new XmppElement("services", payload.Namespace);
        foreach (var service in TurnCredentials.List(options, session.FullJid, now.Utc))
        {
            if (wanted is not null && wanted != service.Type) continue;
            services.Add(new XmppElement("service", payload.Namespace,
                ("type", service.Type),
                ("host", service.Host),
                ("port", service.Port.ToString(CultureInfo.InvariantCulture)),
                ("transport", service.Transport),
                ("username", service.Username),
                ("password", service.Password),
                ("expires", service.Expires is { } expires ? XmppTime.FormatSeconds(expires) : null),
                ("restricted", service.Username is null ? null : "1")));
        }

        return HostAnswer.Ok(services);
    }
}
