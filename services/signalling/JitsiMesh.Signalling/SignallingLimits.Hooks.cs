namespace JitsiMesh.Signalling;

/// <summary>The bounds of what operators' own systems are asked, answer and do.</summary>
public static partial class SignallingLimits
{
    /// <summary>Octets of an answer of the reservation system; a longer one is none.</summary>
    public const int ReservationOctets = 64 * 1024;

    /// <summary>UTF-16 units of a reservation's id; an answer with a longer one is none.</summary>
    public const int ReservationIdLength = 256;

    /// <summary>Rooms of one partition that wait for the reservation system; who asks for one more is told to ask again.</summary>
    public const int AskedReservations = 256;

    /// <summary>Conference requests that wait in one room for its reservation; one more is told to come again.</summary>
    public const int WaitingForReservation = 64;

    /// <summary>Characters of those requests together, beyond the first; one more is told to come again.</summary>
    public const int WaitingForReservationOctets = 128 * 1024;

    /// <summary>Questions to the reservation system that wait for their turn; the room of one more gets the answer that it took too long.</summary>
    public const int WaitingReservationCalls = 256;

    /// <summary>Rooms of one partition of which a refusal is remembered; the one that is over first goes, and its room is asked for anew.</summary>
    public const int RefusedReservations = 4_096;

    /// <summary>How long a refusal is answered without asking the reservation system again, as with Jitsi.</summary>
    public static readonly TimeSpan RefusedReservationTime = TimeSpan.FromSeconds(30);

    /// <summary>How long a granted room that nobody enters is kept; then its reservation is given back.</summary>
    public static readonly TimeSpan UnusedReservationTime = TimeSpan.FromMinutes(2);

    /// <summary>How often the wall clock is looked at again for the end of a reservation.</summary>
    public static readonly TimeSpan ReservationLook = TimeSpan.FromHours(1);

    /// <summary>Questions to the reservation system at once; others wait.</summary>
    public const int ReservationCalls = 32;

    /// <summary>Ended reservations that are told at once by the one node that tells them, beside the questions; others wait.</summary>
    public const int ReservationEnds = 8;

    /// <summary>Ended reservations that wait to be told; of more the oldest are not told, which is counted.</summary>
    public const int WaitingReservationEnds = 10_000;

    /// <summary>How long the reservation system is told of an end; then it is given up, and counted.</summary>
    public static readonly TimeSpan ReservationEndAge = TimeSpan.FromHours(24);

    /// <summary>Ended reservations of rooms of one name that wait for the outbox; one more is not told, which is counted.</summary>
    public const int EndedReservations = 64;

    /// <summary>How long the rooms of a partition wait for the outbox to take one; then they continue, and it is tried again.</summary>
    public static readonly TimeSpan EndedReservationTime = TimeSpan.FromSeconds(2);

    /// <summary>After an outbox that could not take one.</summary>
    public static readonly TimeSpan EndedReservationPause = TimeSpan.FromSeconds(2);

    /// <summary>Connections to one server that the operator named: enough for all questions at once, so that none loses its time in a queue.</summary>
    public const int OutboundConnections = AccessChecks;

    /// <summary>Headers of an answer of such a server, in KiB; more is no answer.</summary>
    public const int OutboundHeaderKilobytes = 16;

    /// <summary>Octets of an answer of the access manager; a longer one is none.</summary>
    public const int AccessAnswerOctets = 16 * 1024;

    /// <summary>Questions to the access manager at once; one more is told to log in again.</summary>
    public const int AccessChecks = 256;

    /// <summary>Banned tokens that are remembered; beyond, the one that is over first is asked for again.</summary>
    public const int BannedTokens = 1_000;

    /// <summary>How long a ban is answered without asking again: a refused client tries twice more.</summary>
    public static readonly TimeSpan BanMemory = TimeSpan.FromMinutes(5);

    /// <summary>Requests of administration over HTTP at once; one more gets 429.</summary>
    public const int AdministrationRequests = 64;

    /// <summary>How long such a request's body may take; then 408.</summary>
    public static readonly TimeSpan AdministrationBodyTime = TimeSpan.FromSeconds(5);

    /// <summary>Octets of such a request's body; more gets 413.</summary>
    public const int AdministrationOctets = 64 * 1024;

    /// <summary>UTF-16 units of a token in an Authorization header; a longer one is refused unseen.</summary>
    public const int OperatorTokenLength = 8 * 1024;

    /// <summary>Receivers of a system chat message; more gets 400.</summary>
    public const int SystemMessageReceivers = 1_000;

    /// <summary>UTF-16 units of a system chat message; a longer one gets 400.</summary>
    public const int SystemMessageLength = 8 * 1024;

    /// <summary>Occupants that /room lists.</summary>
    public const int ListedOccupants = 1_000;

    /// <summary>How long a room's owner may take to answer; then 503.</summary>
    public static readonly TimeSpan AdministrationTime = TimeSpan.FromSeconds(10);

    /// <summary>Guests of a room with a login over a second connection, who need not wait for the host; the oldest is forgotten and waits.</summary>
    public const int VouchedGuests = 64;
}
