namespace JitsiMesh.Signalling;

/// <summary>How this service is set up. Names and defaults are those of the old tables (XMPP_DOMAIN and so on).</summary>
public sealed class SignallingOptions
{
    public string Domain { get; set; } = "meet.jitsi";

    public string AuthDomain { get; set; } = "auth.meet.jitsi";

    public string MucDomain { get; set; } = "muc.meet.jitsi";

    public string InternalMucDomain { get; set; } = "internal-muc.meet.jitsi";

    public string GuestDomain { get; set; } = "guest.meet.jitsi";

    /// <summary>Occupants of this domain are invisible in the client: recorder and transcriber.</summary>
    public string HiddenDomain { get; set; } = "hidden.meet.jitsi";

    /// <summary>The local part of focus' real JID in the auth domain.</summary>
    public string FocusUser { get; set; } = "focus";

    /// <summary>Occupants of one room, services and hidden ones not counted; 0 means no limit (MAX_OCCUPANTS of mod_muc_max_occupants).</summary>
    public int MaximumOccupants { get; set; }

    /// <summary>Who becomes owner by a login that does not say whether it moderates (MESH_MODERATORS).</summary>
    public Hosting.Settings.ModeratorPolicy Moderators { get; set; }

    /// <summary>A token's sub names the tenant in which it is good (JWT_ENABLE_DOMAIN_VERIFICATION).</summary>
    public bool TokenDomainVerification { get; set; }

    /// <summary>Moderators may keep microphones and cameras of the others off (ENABLE_AV_MODERATION).</summary>
    public bool AvModeration { get; set; } = true;

    /// <summary>Moderators may end a meeting for all (ENABLE_END_CONFERENCE).</summary>
    public bool EndConference { get; set; } = true;

    /// <summary>Moderators may let people wait in a lobby (ENABLE_LOBBY).</summary>
    public bool Lobby { get; set; } = true;

    /// <summary>Moderators may divide a meeting into breakout rooms (ENABLE_BREAKOUT_ROOMS).</summary>
    public bool BreakoutRooms { get; set; } = true;

    /// <summary>A room stays while somebody waits in its lobby (mod_persistent_lobby).</summary>
    public bool PersistentLobby { get; set; }

    /// <summary>A participant that comes before the host waits in a lobby (mod_muc_wait_for_host beside mod_persistent_lobby).</summary>
    public bool WaitForHostInLobby { get; set; }

    /// <summary>A room opens with a reservation only (PROSODY_RESERVATION_ENABLED).</summary>
    public bool Reservations { get; set; }

    /// <summary>How long the answer of the reservation system may take at most.</summary>
    public TimeSpan ReservationTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Events of rooms that somebody wants to hear (<see cref="Modules.RoomEvents.RoomEventTypes"/>); empty where nobody does.</summary>
    public IReadOnlySet<string> RoomEvents { get; set; } = new HashSet<string>();

    /// <summary>Sessions have records in the store and survive the death of their node (MESH_SESSION_JOURNAL). Only where store and link outlive the process.</summary>
    public bool SessionRecords { get; set; }

    /// <summary>How long a session without a socket waits to be resumed (smacks_hibernation_time).</summary>
    public TimeSpan HibernationTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long occupants stay whose session's node is gone; long enough for a client's third try to resume.</summary>
    public TimeSpan NodeGoneGrace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>TURN and STUN servers to tell clients about (XEP-0215).</summary>
    public IList<ExternalServiceOptions> ExternalServices { get; } = [];

    /// <summary>The secret shared with the TURN servers (external_service_secret); empty where no service needs one.</summary>
    public string ExternalServiceSecret { get; set; } = "";

    /// <summary>One user for everybody where there is no shared secret; empty for none.</summary>
    public string ExternalServiceUsername { get; set; } = "";

    public string ExternalServicePassword { get; set; } = "";

    /// <summary>The secret of the edge's relay; empty where there is none.</summary>
    public string RelaySecret { get; set; } = "";

    /// <summary>Lifetime of TURN credentials.</summary>
    public TimeSpan ExternalServiceLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Open sockets that one client address may have, authenticated or not; one more is refused with HTTP 429.</summary>
    public int SocketsOfAddress { get; set; } = 500;

    /// <summary>Networks of proxies: <see cref="SocketsOfAddress"/> does not count for their addresses, behind which many people may be.</summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedNetworks { get; set; } = [];

    /// <summary>Whether <c>X-Forwarded-For</c> of the edge names the client for the limits by address.</summary>
    public bool TrustForwardedFor { get; set; } = true;
}

/// <summary>One server for XEP-0215.</summary>
public sealed class ExternalServiceOptions
{
    /// <summary>stun, turn or turns.</summary>
    public string Type { get; set; } = "turn";

    public string Host { get; set; } = "";

    public int Port { get; set; } = 3478;

    /// <summary>udp or tcp. The client takes a turns without tcp for no bridge connection.</summary>
    public string Transport { get; set; } = "udp";

    /// <summary>The edge's own relay: its credentials are made of <see cref="SignallingOptions.RelaySecret"/>, for each session its own.</summary>
    public bool IsRelay { get; set; }

    /// <summary>Whether it asks for credentials.</summary>
    public bool Restricted { get; set; } = true;
}
