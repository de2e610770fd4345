using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>A signalling node of a script: its sessions by address and by resume id.</summary>
public sealed class Node(string queue, StanzaRouter router)
{
    public string Queue { get; } = queue;

    public StanzaRouter Router { get; } = router;

    public SessionOutputs Outputs { get; } = new();

    public Dictionary<string, XmppSession> Sessions { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, XmppSession> Resumable { get; } = new(StringComparer.Ordinal);

    public Dictionary<XmppSession, Client> Clients { get; } = [];
}
