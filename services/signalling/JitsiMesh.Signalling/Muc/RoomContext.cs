using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>What all rooms of a partition share.</summary>
/// <param name="Partition">The number of the partition.</param>
/// <param name="Domains">The domains.</param>
/// <param name="Options">The policy.</param>
/// <param name="Random">For ids.</param>
/// <param name="Modules">Makes the modules of a room, in the order in which they are asked.</param>
public sealed record RoomContext(int Partition, SignallingDomains Domains, SignallingOptions Options, IRandomSource Random, Func<Room, IReadOnlyList<RoomModule>> Modules)
{
    /// <summary>Whether what a session was let in with is good for a room (its stored address), which need not be there yet; an error for one that may not.</summary>
    public Func<SessionInfo, Jid, StanzaError?> Admits { get; init; } = static (_, _) => null;

    /// <summary>The other rooms of the mailbox; given by the partition.</summary>
    public IRoomDirectory? Rooms { get; init; }

    /// <summary>The wrong passwords of sessions and addresses, in all rooms of the mailbox.</summary>
    public PasswordTries Tries { get; } = new();

    /// <summary>The focus queue of the partition, where what is addressed to focus goes.</summary>
    public string FocusQueue { get; } = Contracts.Links.LinkQueue.Partition("focus", Partition).Name;
}
