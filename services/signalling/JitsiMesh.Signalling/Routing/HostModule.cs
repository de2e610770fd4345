using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Routing;

/// <summary>A feature of the hosts: answers IQs to a domain, or to nobody, by the namespace of their payload. Without state of its own.</summary>
public abstract class HostModule
{
    /// <summary>Payload namespaces, which are also listed as features.</summary>
    public abstract IReadOnlyList<string> HandledNamespaces { get; }

    /// <summary>Whether its answers hold credentials, of which a session gets only so many.</summary>
    public virtual bool GivesCredentials => false;

    /// <summary>The answer to a get or set: a result element, null for an empty result; or an error.</summary>
    public abstract HostAnswer Handle(SessionInfo session, XmppElement iq, XmppElement payload, MeshInstant now);
}

/// <summary>Either a result or an error.</summary>
public readonly record struct HostAnswer(XmppElement? Result, StanzaError? Error)
{
    public static HostAnswer Ok(XmppElement? result) => new(result, null);

    public static HostAnswer Refused(StanzaError error) => new(null, error);
}
