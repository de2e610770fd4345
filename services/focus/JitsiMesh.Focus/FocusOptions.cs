using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus;

/// <summary>All options of the focus. The composition fills them from the mesh's settings; the defaults are Jitsi's.</summary>
public sealed class FocusOptions
{
    /// <summary>The nick of the focus in every room: clients treat a session with this nick as the one with the bridge.</summary>
    public const string Nick = "focus";

    /// <summary>The owner of the bridge's own sources, under the name that clients know.</summary>
    public const string BridgeOwner = "jvb";

    public string XmppDomain { get; set; } = "meet.jitsi";

    public string AuthDomain { get; set; } = "auth.meet.jitsi";

    public string MucDomain { get; set; } = "muc.meet.jitsi";

    /// <summary>The local part of the focus's own address.</summary>
    public string FocusUser { get; set; } = "focus";

    /// <summary>The address for conference requests: <c>focus.meet.jitsi</c>.</summary>
    public string ServiceAddress => $"focus.{XmppDomain}";

    /// <summary>The bare JID by which clients recognise the focus.</summary>
    public string BareAddress => $"{FocusUser}@{AuthDomain}";

    public string FullAddress => $"{BareAddress}/focus";

    /// <summary>Published in the focus's presence.</summary>
    public string Version { get; set; } = "1.0";

    /// <summary>Only a client with a login may create a room.</summary>
    public bool AuthenticationRequired { get; set; }

    /// <summary>Nicks that clients reserve for the focus, a bridge or a mixer: a member with such a nick is not a participant.</summary>
    public static bool IsReservedNick(string nick) =>
        nick.Equals(BridgeOwner, StringComparison.OrdinalIgnoreCase) || nick.Equals(Nick, StringComparison.OrdinalIgnoreCase) || nick.Equals("mixer", StringComparison.OrdinalIgnoreCase);

    /// <summary>The authority is a token, not a login of this installation. Only announced to clients.</summary>
    public bool ExternalAuthentication { get; set; }

    /// <summary>The login page that issues tokens; null when the focus does not announce it.</summary>
    public string? ExternalLogin { get; set; }

    /// <summary>How long a login in a meeting is valid.</summary>
    public TimeSpan LoginLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>A login remains valid for later meetings until it expires.</summary>
    public bool AutoLogin { get; set; } = true;

    /// <summary>A client without a login waits until a client with one has opened the room, also on the main domain.</summary>
    public bool WaitForHost { get; set; }

    /// <summary>Clients that wait for the host wait in the room's lobby, which signalling opens: any client's request opens the room.</summary>
    public bool WaitForHostInLobby { get; set; }

    /// <summary>The domain of clients without a login, where others have one.</summary>
    public string GuestDomain { get; set; } = "guest.meet.jitsi";

    /// <summary>How owners are chosen among participants whose token does not say whether they moderate.</summary>
    public ModeratorPolicy Moderators { get; set; }

    /// <summary>With <see cref="ModeratorPolicy.First"/>: the first participant becomes owner.</summary>
    public bool AutoOwner { get; set; } = true;

    public bool SipGatewayEnabled { get; set; }

    /// <summary>Domains whose members may identify themselves as recorders, gateways or transcribers.</summary>
    public IList<string> TrustedDomains { get; } = [];

    public int MinParticipants { get; set; } = 2;

    /// <summary>How long a conference waits for its first participant.</summary>
    public TimeSpan InitialTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a lone participant keeps its media session.</summary>
    public TimeSpan SingleParticipantTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the focus waits for the answer to an IQ.</summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(15);

    public SourceLimits SourceLimits { get; set; } = new();

    public int MaxAudioSenders { get; set; } = 999_999;

    public int MaxVideoSenders { get; set; } = 999_999;

    public bool StripSimulcast { get; set; } = true;

    public bool UseSsrcRewriting { get; set; } = true;

    public bool UseJsonEncodedSources { get; set; } = true;

    /// <summary>Request an SCTP association from bridges, and offer data channels where a bridge grants one.</summary>
    public bool UseSctp { get; set; } = true;

    public bool EnableIceRestart { get; set; } = true;

    /// <summary>Limits for each participant, separate for restarts of the session and restarts of ICE.</summary>
    public RestartLimits RestartLimits { get; set; } = new();

    /// <summary>The shared document has an unguessable name instead of the room's.</summary>
    public bool RandomDocumentName { get; set; }

    public OfferOptions Offer { get; set; } = new();

    public BridgeSelectionOptions Bridges { get; set; } = new();
}

/// <param name="MinIntervalSeconds">The minimum time between two requests.</param>
/// <param name="MaxRequests">The maximum number within <paramref name="IntervalSeconds"/>.</param>
public sealed record RestartLimits(int MinIntervalSeconds = 5, int MaxRequests = 5, int IntervalSeconds = 60);
