using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>One session in a room under a nick (XEP-0045 section 4.1).</summary>
public sealed class Occupant(string nick, SessionInfo session)
{
    public string Nick { get; } = nick;

    /// <summary>Replaced when the session was resumed with a newer token.</summary>
    public SessionInfo Session { get; set; } = session;

    public string BareJid { get; } = session.BareJid;

    /// <summary>moderator, participant, visitor.</summary>
    public string Role { get; set; } = "participant";

    public bool IsModerator => Role == "moderator";

    /// <summary>The children of the last presence, ours among them (identity, region), without any muc element.</summary>
    public XmppElement Presence
    {
        get;
        set
        {
            field = value;
            PresenceOctets = XmppSerializer.Measure(value);
        }
    }
    = new("presence", Namespaces.Client);

    /// <summary>Octets of <see cref="Presence"/> as it is written.</summary>
    public long PresenceOctets { get; private set; }

    /// <summary>Octets of what of it the occupant has said itself.</summary>
    public long SaidOctets { get; set; }

    /// <summary>Features that a moderator's token gave on promotion (mod_jitsi_permissions), JSON.</summary>
    public string? GrantedFeatures { get; set; }

    public string? Features => Session.Context.Features ?? GrantedFeatures;

    /// <summary>When the session's node was found missing, or null.</summary>
    public MonotonicTime? NodeGoneSince { get; set; }

    /// <summary>When it came in, in milliseconds since 1970; 0 for one whose room was stored by a version that did not note it.</summary>
    public long JoinedMilliseconds { get; set; }

    /// <summary>Why it goes, set before features are told that it has left.</summary>
    public LeaveReason LeftBecause { get; set; }

    /// <summary>It leaves for another room of the same meeting, as its leave says; set with <see cref="LeftBecause"/>.</summary>
    public bool SwitchesRoom { get; set; }

    /// <summary>Its place in the order in which occupants came.</summary>
    public int Order { get; set; }

    /// <summary>The presence for everybody but the occupant itself, as last made; null after a change.</summary>
    public OutboundFrame? Frame { get; set; }

    /// <summary>The name as others see it, at most <see cref="SignallingLimits.DisplayNameLength"/> long.</summary>
    public string? DisplayName => Presence.Child("nick", Namespaces.Nick)?.Text is { } name ? PlainText.Shorten(name, SignallingLimits.DisplayNameLength) : null;
}
