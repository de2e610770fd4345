using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>One stanza for a room's owner, from a session here, from one on another node, or from a service.</summary>
/// <param name="Room">The stored bare JID of the room that orders it.</param>
/// <param name="Stanza">The stanza as sent; its <c>to</c> says whether room, occupant, component or conference request.</param>
/// <param name="From">The sender.</param>
/// <param name="Recipients">On a service's stanza for many: their addresses.</param>
public sealed record RoomInput(string Room, XmppElement Stanza, SessionInfo From, IReadOnlyList<string> Recipients)
{
    public RoomInput(string room, XmppElement stanza, SessionInfo from)
        : this(room, stanza, from, [])
    {
    }

    /// <summary>The number under which it came over the link; null for a session of this node.</summary>
    public Links.LinkNumber? Number { get; init; }

    /// <summary>The number of the stanza in its session's stream (XEP-0198), by which the room knows one that the client has sent again after its node had died; null where the session does not survive its node.</summary>
    public long? SessionNumber { get; init; }

    /// <summary>Of a leave: why, where it is not the client's own wish.</summary>
    public LeaveReason LeftBecause { get; init; }

    /// <summary>On a service's answer to one outside of the room: the queue of the asker's session.</summary>
    public string AskerQueue { get; init; } = "";

    /// <summary>The stored bare JID of the room that says this (<see cref="RoomSaying"/>); null for what sessions and services send.</summary>
    public string? FromRoom { get; init; }

    /// <summary>As an envelope for the partition's owner on another node.</summary>
    public StanzaEnvelope ToEnvelope() => new()
    {
        Room = Room,
        Stanza = XmppSerializer.Write(Stanza),
        Origin = From.ToOrigin() with { Session = From.Context },
        ReplyQueue = From.Queue,
        TraceParent = From.Trace,
        LeftBecause = LeftBecause == LeaveReason.Left ? null : LeftBecause.ToString(),
        FromRoom = FromRoom,
        SessionNumber = SessionNumber,
    };
}
