using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Disco;

/// <summary>A component that clients find by an identity of the main domain (category component): a missing one switches its feature off.</summary>
/// <param name="Type">The identity's type, for instance av_moderation.</param>
/// <param name="Address">The component's JID, told in the identity's name.</param>
public sealed record ComponentIdentity(string Type, string Address);

/// <summary>XEP-0030 of the hosts and components (mod_features_identity).</summary>
public sealed class DiscoModule(SignallingDomains domains, IReadOnlyList<ComponentIdentity> components, IReadOnlyList<string> features) : HostModule
{
    /// <summary>Without it clients do not offer to give a breakout room another name.</summary>
    private const string BreakoutRename = "http://jitsi.org/protocol/breakout_rooms#rename";

    public override IReadOnlyList<string> HandledNamespaces { get; } = [Namespaces.DiscoInfo, Namespaces.DiscoItems];

    public override HostAnswer Handle(SessionInfo session, XmppElement iq, XmppElement payload, MeshInstant now)
    {
        if (iq["type"] != "get") return HostAnswer.Refused(StanzaError.BadRequest);
        // Rooms are hidden, so there is never an item.
        if (payload.Namespace == Namespaces.DiscoItems) return HostAnswer.Ok(new XmppElement("query", Namespaces.DiscoItems, ("node", payload["node"])));
        var domain = Jid.TryParse(iq["to"], out var to) ? to.Domain : session.Jid.Domain;
        return HostAnswer.Ok(Describe(domain).ToElement(payload["node"]));
    }

    private DiscoInfo Describe(string domain)
    {
        var info = new DiscoInfo();
        switch (domains.KindOf(domain))
        {
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby:
                info.Identities.Add(new DiscoIdentity("conference", "text", "Chatrooms"));
                info.Features.AddRange([Namespaces.DiscoInfo, Namespaces.DiscoItems, Namespaces.Muc]);
                break;
            case DomainKind.BreakoutMuc:
                info.Identities.Add(new DiscoIdentity("conference", "text", "Chatrooms"));
                info.Identities.Add(new DiscoIdentity("component", "breakout_rooms"));
                info.Features.AddRange([Namespaces.DiscoInfo, Namespaces.DiscoItems, Namespaces.Muc, BreakoutRename]);
                break;
            case DomainKind.Component:
                info.Identities.Add(new DiscoIdentity("component", components.FirstOrDefault(component => component.Address == domain)?.Type ?? "generic"));
                info.Features.Add(Namespaces.DiscoInfo);
                break;
            default:
                info.Identities.Add(new DiscoIdentity("server", "im", "JitsiMesh"));
                foreach (var component in components) info.Identities.Add(new DiscoIdentity("component", component.Type, component.Address));
                info.Features.AddRange([Namespaces.DiscoInfo, Namespaces.DiscoItems, .. features]);
                break;
        }

        return info;
    }
}
