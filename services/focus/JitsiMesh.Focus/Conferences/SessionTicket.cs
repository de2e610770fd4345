using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>A login in a meeting. With its id a guest proves that it logged in over a second connection. ToString reveals nothing.</summary>
/// <param name="Id">The session id, which the client keeps and sends with later requests.</param>
/// <param name="Identity">The bare JID that logged in.</param>
/// <param name="Machine">A hash of the client's machine id: the login is valid on this machine only.</param>
/// <param name="Until">Milliseconds on the focus's clock.</param>
/// <param name="Moderator">What the authority says about moderating: true, false, or null.</param>
public sealed record SessionTicket(string Id, string Identity, string Machine, long Until, bool? Moderator)
{
    public static SessionTicket Of(string id, string identity, string machine, MonotonicTime until, bool? moderator = null) => new(id, identity, StoredLogin.HashOf(machine), until.TotalMilliseconds, moderator);

    public bool HoldsAt(MonotonicTime now) => now.TotalMilliseconds < Until;

    public bool IsOf(string? machine) => machine is not null && StoredLogin.HashOf(machine) == Machine;

    public override string ToString() => "session ticket";
}
