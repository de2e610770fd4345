using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus;

/// <summary>Everything that the focus can be told. Composition fills it from the mesh's settings; defaults are Jitsi's.</summary>
public sealed class FocusOptions
{
    /// <summary>The nick of the focus in every room: clients take a session from this nick for one with the bridge.</summary>
    public const string Nick = "focus";

    /// <summary>The owner of the bridge's own sources, as clients know it.</summary>
    public const string BridgeOwner = "jvb";

    public string XmppDomain { get; set; } = "meet.jitsi";

    public string AuthDomain { get; set; } = "auth.meet.jitsi";

    public string MucDomain { get; set; } = "muc.meet.jitsi";

    /// <summary>The local part of the focus's own address.</summary>
    public string FocusUser { get; set; } = "focus";

    /// <summary>Where conference requests are sent: <c>focus.meet.jitsi</c>.</summary>
    public string ServiceAddress => $"focus.{XmppDomain}";

    /// <summary>The bare address that clients recognise the focus by.</summary>
    public string BareAddress => $"{FocusUser}@{AuthDomain}";

    public string FullAddress => $"{BareAddress}/focus";

    /// <summary>Shown in the focus's presence.</summary>
    public string Version { get; set; } = "1.0";

    /// <summary>Only an authenticated person creates a room.</summary>
    public bool AuthenticationRequired { get; set; }

    /// <summary>Nicks that mean the focus, a bridge or a mixer to clients: a member that has one is no participant.</summary>
    public static bool IsReservedNick(string nick) =>
        nick.Equals(BridgeOwner, StringComparison.OrdinalIgnoreCase) || nick.Equals(Nick, StringComparison.OrdinalIgnoreCase) || nick.Equals("mixer", StringComparison.OrdinalIgnoreCase);

    /// <summary>The authority is a token, not a login of this installation; only told to clients.</summary>
    public bool ExternalAuthentication { get; set; }

    /// <summary>The page where people log in that gives them a token; null where clients are not told it by the focus.</summary>
    public string? ExternalLogin { get; set; }

    /// <summary>How long a login in a meeting holds.</summary>
    public TimeSpan LoginLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>A login in a meeting is good for the next one too, while it holds.</summary>
    public bool AutoLogin { get; set; } = true;

    /// <summary>A guest waits until an authenticated person has opened the room, also on the main domain.</summary>
    public bool WaitForHost { get; set; }

    /// <summary>A guest that waits for the host waits in the room's lobby, which signalling opens: every request opens the room.</summary>
    public bool WaitForHostInLobby { get; set; }

    /// <summary>People of this domain came in without a login beside those with one.</summary>
    public string GuestDomain { get; set; } = "guest.meet.jitsi";

    /// <summary>Which participants become owner when no token says whether they moderate.</summary>
    public ModeratorPolicy Moderators { get; set; }

    /// <summary>With <see cref="ModeratorPolicy.First"/>: the first participant becomes owner.</summary>
    public bool AutoOwner { get; set; } = true;

    public bool SipGatewayEnabled { get; set; }

    /// <summary>Domains whose members may say that they are recorders, gateways or transcribers.</summary>
    public IList<string> TrustedDomains { get; } = [];

    public int MinParticipants { get; set; } = 2;

    /// <summary>How long a conference that nobody joined is kept.</summary>
    public TimeSpan InitialTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a participant who is left alone keeps its media session.</summary>
    public TimeSpan SingleParticipantTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer to an IQ is waited for.</summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(15);

    public SourceLimits SourceLimits { get; set; } = new();

    public int MaxAudioSenders { get; set; } = 999_999;

    public int MaxVideoSenders { get; set; } = 999_999;

    public bool StripSimulcast { get; set; } = true;

    public bool UseSsrcRewriting { get; set; } = true;

    public bool UseJsonEncodedSources { get; set; } = true;

    /// <summary>Ask bridges for an SCTP association, and offer data channels where they grant one.</summary>
    public bool UseSctp { get; set; } = true;

    public bool EnableIceRestart { get; set; } = true;

    /// <summary>For each participant, apart for restarts of the session and of ICE alone.</summary>
    public RestartLimits RestartLimits { get; set; } = new();

    /// <summary>The shared document has a name that nobody can guess, and not the room's.</summary>
    public bool RandomDocumentName { get; set; }

    public OfferOptions Offer { get; set; } = new();

    public BridgeSelectionOptions Bridges { get; set; } = new();
}

/// <param name="MinIntervalSeconds">Between two requests.</param>
/// <param name="MaxRequests">Within <paramref name="IntervalSeconds"/>.</param>
public sealed record RestartLimits(int MinIntervalSeconds = 5, int MaxRequests = 5, int IntervalSeconds = 60);
