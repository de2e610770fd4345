namespace JitsiMesh.Signalling;

/// <summary>The bounds of rooms: of what they keep, of what one stanza makes them put out, and of what a joiner gets.</summary>
public static partial class SignallingLimits
{
    /// <summary>
    /// Octets times receivers that a session's stanzas may cost at once, deliveries to services and writes of the room's document included; then what it
    /// would have relayed gets resource-constraint until the rest is paid back. A presence of 1.5 kB in a room of 500 costs 750 kB.
    /// </summary>
    public const int RelayedOctetsBurst = 32 * 1024 * 1024;

    /// <summary>Octets times receivers a second in the long run.</summary>
    public const int RelayedOctetsPerSecond = 2 * 1024 * 1024;

    /// <summary>The same for all sessions of one address in one room, since sessions cost nothing: a class behind one address stays below.</summary>
    public const int AddressRelayedOctetsBurst = 2 * RelayedOctetsBurst;

    public const int AddressRelayedOctetsPerSecond = 4 * RelayedOctetsPerSecond;

    public const int AddressReceiverOctetsBurst = 4 * 1024 * 1024;

    public const int AddressReceiverOctetsPerSecond = 256 * 1024;

    /// <summary>Octets that a session may make any one other receiver get at once; beyond as above. A receiver with 8 Mbit/s has them in a second.</summary>
    public const int ReceiverOctetsBurst = 1024 * 1024;

    /// <summary>Octets a second in the long run that a session may make one other receiver get.</summary>
    public const int ReceiverOctetsPerSecond = 64 * 1024;

    /// <summary>What a stanza costs its sender that made a room fail: the room is read back from its document.</summary>
    public const int FailureOctets = 1024 * 1024;

    /// <summary>Sessions whose spending a partition remembers; beyond, the one that was silent longest begins anew.</summary>
    public const int RememberedSenders = 4_096;

    /// <summary>A session that was silent for so long is forgotten there; what it owed is paid back by then.</summary>
    public static readonly TimeSpan SenderMemory = TimeSpan.FromMinutes(2);

    /// <summary>Octets of a moderator's command that passes though its sender is in debt: mutes and kicks are far below.</summary>
    public const int ModerationOctets = 4 * 1024;

    /// <summary>How long a room's timers rest after one of them failed; the room's other timers wait with them.</summary>
    public static readonly TimeSpan FailedTickPause = TimeSpan.FromSeconds(30);

    /// <summary>Octets of all presences of a room together, which a joiner gets at once; beyond, those longer than <see cref="OrdinaryPresenceOctets"/> get policy-violation.</summary>
    public const int PresencesOfRoomOctets = 4 * 1024 * 1024;

    /// <summary>Octets of a presence that a room takes however full it is.</summary>
    public const int OrdinaryPresenceOctets = 4 * 1024;

    /// <summary>Octets of a presence as it is kept and relayed; a longer one gets policy-violation. A client with many sources says 3 kB, with a picture inside 20 kB.</summary>
    public const int PresenceOctets = 32 * 1024;

    /// <summary>Characters of a display name that are passed on in polls, statistics, history and notices; the rest is cut.</summary>
    public const int DisplayNameLength = 128;

    /// <summary>Joins that wait for focus in one room; more get service-unavailable.</summary>
    public const int HeldJoins = 500;

    /// <summary>Characters of those joins together; more get service-unavailable likewise.</summary>
    public const int HeldJoinOctets = 2 * 1024 * 1024;

    /// <summary>Conference requests under way in one partition; the oldest is told to ask again.</summary>
    public const int PendingRequests = 4_096;

    /// <summary>Characters of a conference request as an IQ; more gets bad-request. One is about 500.</summary>
    public const int FocusRequestOctets = 64 * 1024;

    /// <summary>Characters of a conference request's id; more gets bad-request, so that <see cref="PendingRequests"/> of them stay small.</summary>
    public const int RequestIdLength = 1_024;

    /// <summary>Octets of JSON that a client sends; more counts as unreadable.</summary>
    public const int JsonOctets = 64 * 1024;

    /// <summary>Objects and arrays inside each other in such JSON; deeper counts as unreadable.</summary>
    public const int JsonDepth = 32;

    /// <summary>Values in such JSON; more counts as unreadable.</summary>
    public const int JsonValues = 4_096;

    /// <summary>Octets of AV moderation's whitelist as moderators get it with each change, one message for each medium; a longer list is told as the change alone.</summary>
    public const int WhitelistOctets = 1024;

    /// <summary>Messages that a joiner gets from before (max_history_messages).</summary>
    public const int History = 20;

    /// <summary>Octets of one history message as XML; a longer one is delivered but not kept.</summary>
    public const int HistoryMessageOctets = 16 * 1024;

    /// <summary>Octets of all history messages of a room; the oldest go.</summary>
    public const int HistoryOctets = 64 * 1024;

    /// <summary>Messages whose author a room remembers: only the author may correct or retract one.</summary>
    public const int KnownAuthors = 2_000;

    /// <summary>Characters of a message's id; the author of one with a longer id is not remembered. Clients use UUIDs.</summary>
    public const int MessageIdLength = 128;

    /// <summary>Characters of a subject; more gets not-acceptable.</summary>
    public const int SubjectLength = 1_024;

    /// <summary>Characters of a room's password; more gets not-acceptable.</summary>
    public const int RoomPasswordLength = 256;

    /// <summary>Characters of a room's description; more gets not-acceptable.</summary>
    public const int RoomDescriptionLength = 1_024;

    /// <summary>Fields of a submitted room configuration; more gets not-acceptable. Clients send up to six.</summary>
    public const int ConfigurationFields = 64;

    /// <summary>Items of one muc#admin request; more get bad-request, except memberships of occupants, with which a lobby begins.</summary>
    public const int AdminItems = 16;

    /// <summary>Memberships that a request changes one by one before the room's eyes; of more, each member alone hears of its own.</summary>
    public const int MembershipPresences = 16;

    /// <summary>Characters of a token's pattern of rooms; a longer one fits no room.</summary>
    public const int RoomPatternLength = 256;

    /// <summary>Affiliations of a room; beyond, those of absent members go first, then those of absent owners, and without any such the request gets resource-constraint.</summary>
    public const int AffiliationsOfRoom = 2_000;

    /// <summary>Characters of a bare JID with an affiliation; a longer one gets bad-request.</summary>
    public const int AffiliationJidLength = 256;

    /// <summary>Characters of the reason of a kick, an invitation or a destruction; the rest is cut.</summary>
    public const int ReasonLength = 1_024;

    /// <summary>Occupants of a lobby that are not moderators; more get service-unavailable.</summary>
    public const int KnocksOfLobby = 500;

    /// <summary>Of those, the ones that come from one address; more get service-unavailable. A school waits behind one.</summary>
    public const int KnocksOfAddress = 200;

    /// <summary>Invitations in one message, and so people that are let in at once; more get bad-request.</summary>
    public const int Invitations = KnocksOfLobby;

    /// <summary>Wrong passwords that a session may give at once, and a second; more tries get resource-constraint, right or wrong.</summary>
    public const int PasswordTryBurst = 10;

    public const double PasswordTriesPerSecond = 1.0 / 6;

    /// <summary>The same for all sessions of one address, of one room; a session's first wrong one does not count here.</summary>
    public const int AddressPasswordTryBurst = 60;

    public const double AddressPasswordTriesPerSecond = 0.5;

    /// <summary>First wrong passwords of the sessions of one address, of one room: a class that joins with a slip in its password stays below.</summary>
    public const int AddressFirstPasswordTryBurst = 300;

    public const double AddressFirstPasswordTriesPerSecond = 2;

    /// <summary>Requests for TURN credentials that a session may make at once, and a second; more get resource-constraint. A client makes one.</summary>
    public const int CredentialRequestBurst = 10;

    public const double CredentialRequestsPerSecond = 0.1;

    /// <summary>
    /// Octets of a room's metadata as JSON; a write beyond gets not-acceptable. Each change writes them whole to everybody, so that they are what a small write costs a receiver:
    /// with the message around them no more than 4 KiB, as the growth of any stanza.
    /// </summary>
    public const int MetadataOctets = (4 * 1024) - 512;

    /// <summary>Keys of a room's metadata; a write beyond gets not-acceptable. The server's own keys come on top.</summary>
    public const int MetadataKeys = 64;

    /// <summary>Characters of one of these keys; more gets bad-request.</summary>
    public const int MetadataKeyLength = 64;

    /// <summary>Participants with speaker statistics in one room; beyond, participants that left without having spoken go first, then no more are counted.</summary>
    public const int SpeakersOfRoom = 1_000;

    /// <summary>Face expressions kept of one person.</summary>
    public const int FaceLandmarks = 100;

    /// <summary>Face expressions kept of all people of a room.</summary>
    public const int FaceLandmarksOfRoom = 2_000;

    /// <summary>Octets of what a joiner is told of speakers; beyond, participants that never spoke are left out first.</summary>
    public const int SpeakerStatisticsOctets = 256 * 1024;

    /// <summary>Polls of one room, and octets of one command (mod_polls_component).</summary>
    public const int Polls = 128;

    public const int PollOctets = 1_024;

    /// <summary>Characters of a poll's id; more gets bad-request.</summary>
    public const int PollIdLength = 128;

    /// <summary>Answers to choose from in one poll; more get bad-request.</summary>
    public const int PollAnswers = 32;

    /// <summary>Breakout rooms of one room; more get resource-constraint.</summary>
    public const int BreakoutRooms = 50;

    /// <summary>Breakout rooms that one meeting makes in all; more get resource-constraint.</summary>
    public const int BreakoutRoomsEver = 1_000;

    /// <summary>Characters of a breakout room's name; more gets not-acceptable.</summary>
    public const int BreakoutSubjectLength = 128;

    /// <summary>Octets of a command about breakout rooms; more gets bad-request.</summary>
    public const int BreakoutCommandOctets = 4 * 1024;

    /// <summary>Octets a second that a receiver gets at most of lists of breakout rooms and their people: the next list waits, and has everything that happened meanwhile.</summary>
    public const int BreakoutUpdateOctetsPerSecond = 16 * 1024;

    /// <summary>Sessions on their way between rooms of one meeting that its main room remembers; beyond, one of them is forgotten and has to join the main room again.</summary>
    public const int AwayFromRooms = 1_000;

    /// <summary>Octets that a room's polls and votes take in what a joiner gets; a poll or vote beyond gets resource-constraint.</summary>
    public const int PollsOctets = 512 * 1024;

    /// <summary>
    /// Octets that a joiner without moderator rights gets at most beside one presence of each occupant: history, metadata, statistics, polls, each bounded by itself, and
    /// what the server says of its own (frames, TURN servers, subject, moderation).
    /// </summary>
    public const int NewcomerOctets = HistoryOctets + MetadataOctets + SpeakerStatisticsOctets + PollsOctets + (64 * 1024);
}
