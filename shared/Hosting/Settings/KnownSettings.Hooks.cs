using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Who may ask for the size of a room (mod_muc_size).</summary>
public enum RoomSizeAccess
{
    /// <summary>Nobody: there are no such pages.</summary>
    Off,

    /// <summary>Who has a token that is good for the room, or one of an operator's programs.</summary>
    Token,

    /// <summary>Everybody who reaches the page.</summary>
    Open,
}

/// <summary>What a session is let in as while the access manager does not say whether it is banned.</summary>
public enum AccessManagerFailure
{
    /// <summary>Let in, as with Jitsi.</summary>
    Open,

    /// <summary>Not let in.</summary>
    Closed,
}

/// <summary>What operators' own systems decide and do: reservations, administration over HTTP, bans.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> ReservationEnabled = Switch("PROSODY_RESERVATION_ENABLED", false, "A reservation system is asked before a room opens", "signalling");
    public static readonly Setting<Uri?> ReservationUrl = Url("PROSODY_RESERVATION_REST_BASE_URL", ["http", "https"], "The reservation system: what /conference is put behind", "signalling");
    public static readonly Setting<bool> JicofoReservationEnabled = Switch("JICOFO_RESERVATION_ENABLED", false, "The older name of PROSODY_RESERVATION_ENABLED, read when that is unset", "signalling").RenamedTo("PROSODY_RESERVATION_ENABLED");
    public static readonly Setting<Uri?> JicofoReservationUrl = Url("JICOFO_RESERVATION_REST_BASE_URL", ["http", "https"], "The older name of PROSODY_RESERVATION_REST_BASE_URL, read when that is unset", "signalling").RenamedTo("PROSODY_RESERVATION_REST_BASE_URL");
    public static readonly Setting<TimeSpan> ReservationTimeout = Seconds("MESH_RESERVATION_TIMEOUT", 20, 1, 120, "How long the reservation system may take for one answer", "signalling");
    public static readonly Setting<int> ReservationRetries = Number("MESH_RESERVATION_RETRIES", 3, 0, 10, "How often the reservation system is asked again when it cannot be reached or has an error of its own (5xx)", "signalling");
    public static readonly Setting<TimeSpan> ReservationRetryDelay = Seconds("MESH_RESERVATION_RETRY_DELAY", 3, 0, 60, "How long before it is asked again", "signalling");
    public static readonly Setting<string> ReservationAuthorization = SecretText("MESH_RESERVATION_AUTHORIZATION", "the value of an Authorization header, in one line of ASCII", IsHeaderValue, "Authorization header for the reservation system, for instance Bearer and a token", "signalling");
    public static readonly Setting<bool> EnableLobby = Switch("ENABLE_LOBBY", true, "Moderators may let people wait in a lobby", "signalling");
    public static readonly Setting<string> SystemTokenSecret = SecretOfTokens("MESH_SYSTEM_TOKEN_SECRET", "Key of the tokens (HS256, HS384, HS512) with which an operator's programs administer rooms over HTTP", "auth");
    public static readonly Setting<Uri?> SystemTokenKeyServer = Url("MESH_SYSTEM_TOKEN_KEYSERVER", ["https", "http"], "Folder of public keys of these tokens (prosody_password_public_key_repo_url): URL/SHA-256 of the kid in hexadecimal digits.pem", "auth");
    public static readonly Setting<IReadOnlyList<string>> SystemTokenIssuers = List("MESH_SYSTEM_TOKEN_ISSUERS", "Issuers (iss) of these tokens that are accepted; those of JWT_ACCEPTED_ISSUERS or JWT_APP_ID when unset, else any", "auth");
    public static readonly Setting<IReadOnlyList<string>> SystemTokenAudiences = List("MESH_SYSTEM_TOKEN_AUDIENCES", "Audiences (aud) of these tokens that are accepted; those of JWT_ACCEPTED_AUDIENCES when unset, else any", "auth");
    public static readonly Setting<bool> AdministrationPublic = Switch("MESH_ADMIN_PUBLIC", false, "Public ports take the administration of rooms too, and not inner ones alone", "signalling, edge-proxy");
    public static readonly Setting<RoomSizeAccess> RoomSize = Choice("MESH_ROOM_SIZE", RoomSizeAccess.Off, "Who may ask how many are in a room (/room-size, /room, /sessions): off (nobody), token or open; unset: open on inner ports where muc_size is among XMPP_MODULES or XMPP_MUC_MODULES, else off", "signalling", follows: true);
    public static readonly Setting<bool> RoomSizePublic = Switch("MESH_ROOM_SIZE_PUBLIC", false, "Public ports answer /room-size too, and not inner ones alone", "signalling, edge-proxy");
    public static readonly Setting<Uri?> AccessManagerUrl = Url("MESH_ACCESS_MANAGER_URL", ["https", "http"], "Who says whether somebody with a token is banned (muc_prosody_jitsi_access_manager_url); nobody is asked when unset", "signalling");
    public static readonly Setting<AccessManagerFailure> AccessManagerFail = Choice("MESH_ACCESS_MANAGER_FAIL", AccessManagerFailure.Open, "What happens while it does not answer: open (people come in) or closed (they do not)", "signalling");
    public static readonly Setting<TimeSpan> AccessManagerTimeout = Seconds("MESH_ACCESS_MANAGER_TIMEOUT", 2, 1, 4, "How long it may take", "signalling");

    private static bool IsHeaderValue(string text) => text.All(c => c is >= ' ' and <= '~');
}
