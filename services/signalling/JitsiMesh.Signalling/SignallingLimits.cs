namespace JitsiMesh.Signalling;

/// <summary>The bounds of this service and what happens to a client that exceeds one. Other clients are not affected.</summary>
public static partial class SignallingLimits
{
    /// <summary>Octets of one frame; more ends the stream with policy-violation (Prosody: c2s_stanza_size_limit).</summary>
    public const int StanzaOctets = 256 * 1024;

    /// <summary>Octets of one frame before the login; more ends the stream with policy-violation. The longest is an <c>auth</c> with a password.</summary>
    public const int NegotiationFrameOctets = 16 * 1024;

    /// <summary>Frames of a stream that is not bound yet; more ends it with policy-violation. A login has five, with two wrong passwords before it seven.</summary>
    public const int NegotiationFrames = 32;

    /// <summary>
    /// What one receiver may get of a stanza: so many times the octets that its sender sent, and <see cref="RelayedOctets"/>. A longer one, by prefixes and entities, is refused with
    /// policy-violation; its sender alone hears of it.
    /// </summary>
    public const int RelayedPerOctet = 2;

    public const int RelayedOctets = 4 * 1024;

    /// <summary>What of these the server's own additions may take: addresses, the room's element, permissions.</summary>
    public const int AddedOctets = 3 * 1024;

    /// <summary>Sockets of one address that are not authenticated yet; more are refused with HTTP 429. A login takes under a second, so a school behind one address stays far below.</summary>
    public const int UnauthenticatedSocketsOfAddress = 200;

    /// <summary>A socket that is not bound by then is closed with connection-timeout.</summary>
    public static readonly TimeSpan NegotiationTime = TimeSpan.FromSeconds(30);

    /// <summary>Octets that are read from a TCP connection at once.</summary>
    public const int TcpReadOctets = 4096;

    /// <summary>Octets of white space before a stream over TCP is bound; more ends it with policy-violation. Clients send line feeds to keep a connection alive, and none while they log in.</summary>
    public const int NegotiationSpaceOctets = 1024;

    /// <summary>A bound client over TCP that has said nothing for so long is asked whether it is there (XEP-0199); libraries ask on their own every 10 to 60 s.</summary>
    public static readonly TimeSpan SilenceTime = TimeSpan.FromSeconds(60);

    /// <summary>How long it may take to say anything after that; then its connection is cut, and its session waits to be resumed.</summary>
    public static readonly TimeSpan SilenceAnswerTime = TimeSpan.FromSeconds(20);

    /// <summary>SASL tries of one stream; then policy-violation (RFC 6120 section 6.4.5 allows 2 to 5).</summary>
    public const int AuthenticationTries = 3;

    /// <summary>Challenges of one exchange; SCRAM needs one.</summary>
    public const int AuthenticationSteps = 4;

    /// <summary>Revoked accounts that are remembered for logins under way, each for <see cref="RevokedMemory"/>; beyond it the oldest is forgotten, whose sessions were ended when it came.</summary>
    public const int RevokedAccounts = 1000;

    /// <summary>Longer than a login takes, and longer than a session is on its way from one node to another.</summary>
    public static readonly TimeSpan RevokedMemory = TimeSpan.FromMinutes(3);

    /// <summary>Rooms of one session; more get resource-constraint. A client is in a main, a breakout and a lobby room at most.</summary>
    public const int RoomsOfSession = 16;

    /// <summary>Rooms that a session was refused or put out of, and that are told when it ends all the same: a word about it may have crossed the client's next join.</summary>
    public const int FormerRoomsOfSession = 64;

    /// <summary>Stanzas that a session may send at once; then its socket is read as slowly as <see cref="StanzasPerSecond"/> says. A join of a room of 500 makes no more than some dozens.</summary>
    public const int StanzaBurst = 400;

    /// <summary>Stanzas a second that a session may send in the long run.</summary>
    public const int StanzasPerSecond = 60;

    /// <summary>What an element of stream management counts for; a client sends one for some stanzas that it gets.</summary>
    public const double ManagementCost = 0.1;

    /// <summary>Stanzas beyond the rate, from a reader that does not wait, after which the stream ends with policy-violation.</summary>
    public const int StanzasAhead = 2_000;

    /// <summary>
    /// Octets that a session may send at once; then its socket is read as slowly as <see cref="OctetsPerSecond"/> says. A join with its answer to focus and an offer to one peer has 40 KiB,
    /// keys for end-to-end encryption among 20 another 60.
    /// </summary>
    public const int OctetBurst = 512 * 1024;

    /// <summary>Octets a second that a session may send in the long run: as many stanzas as it may, of a usual length.</summary>
    public const int OctetsPerSecond = 64 * 1024;

    /// <summary>Octets beyond the rate, from a reader that does not wait, after which the stream ends with policy-violation.</summary>
    public const int OctetsAhead = 4 * 1024 * 1024;

    /// <summary>
    /// Octets that all sessions of one address may send at once, and a second in the long run; then their sockets are read more slowly. 500 people of a school who join within ten seconds
    /// send half of that. Proxies, behind which many people may be, have no such bound.
    /// </summary>
    public const int AddressOctetBurst = 16 * 1024 * 1024;

    public const int AddressOctetsPerSecond = 2 * 1024 * 1024;

    /// <summary>
    /// Requests to focus that a session may make at once, and a second in the long run; more are told to ask again later. Each may start a conference that is
    /// kept for a while though nobody joins. A client makes one a join, and a few when focus asks it to wait.
    /// </summary>
    public const int FocusRequestBurst = 30;

    public const int FocusRequestsPerSecond = 1;

    /// <summary>Conference requests over HTTP of one address at once, and a second; more are told to ask again later. A school behind one address joins within seconds.</summary>
    public const int AddressRequestBurst = 300;

    public const int AddressRequestsPerSecond = 30;

    /// <summary>Addresses whose conference requests are paced; beyond, the oldest are forgotten and begin anew.</summary>
    public const int RememberedAddresses = 65_536;

    /// <summary>Octets that wait for a socket, beside what it missed before a resume; a client that reads slower is cut off, and may resume.</summary>
    public const int OutgoingOctets = 8 * 1024 * 1024;

    /// <summary>Stanzas that a session keeps for resumption; more ends it, resumable no longer. A join of a room of 500 delivers about 1,500.</summary>
    public const int UnacknowledgedStanzas = 10_000;

    /// <summary>Octets of those stanzas; more ends the session likewise. A join of a room of 500 delivers about 3 MB.</summary>
    public const int UnacknowledgedOctets = 16 * 1024 * 1024;

    /// <summary>An ack is asked for after so many stanzas (smacks_max_unacked_stanzas).</summary>
    public const int AckRequestEvery = 5;

    /// <summary>Octets of a session as it is written down for another node; one that is longer ends when its node stops. With nothing missed it has one or two thousand.</summary>
    public const int SavedSessionOctets = 1024 * 1024;

    /// <summary>Sessions that are written down or read at the same time.</summary>
    public const int SessionsInHandover = 16;

    /// <summary>How long a stanza that its client does not acknowledge stands in the node's link queue; then it is written into the record of its session.</summary>
    public static readonly TimeSpan UnacknowledgedInQueue = TimeSpan.FromSeconds(5);

    /// <summary>Octets of the stanzas in a session's record; a session with more has no record, and would not survive its node, until its client acknowledges.</summary>
    public const int RecordedOctets = 2 * 1024 * 1024;

    /// <summary>How often records of sessions are written for which no frame waits.</summary>
    public static readonly TimeSpan RecordPeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a frame waits for the record of its session; then it goes out without.</summary>
    public static readonly TimeSpan RecordTime = TimeSpan.FromSeconds(2);

    /// <summary>Records that one node writes at the same time.</summary>
    public const int RecordsAtOnce = 32;

    /// <summary>Senders whose last number a session's record holds; the one unheard longest goes first.</summary>
    public const int LinkPositions = 64;

    /// <summary>Sessions whose last number a room remembers beyond its occupants; the one unheard longest goes first.</summary>
    public const int SessionNumbers = 1_024;

    /// <summary>How long a node waits to become the consumer of another one's queue; then the client that asks joins anew.</summary>
    public static readonly TimeSpan SessionAdoptionTime = TimeSpan.FromSeconds(5);

    /// <summary>How long sessions that were handed over may be taken by another node: less than their queue outlives its consumer, for what was sent to them stands there.</summary>
    public static readonly TimeSpan SessionKeeperLifetime = TimeSpan.FromSeconds(60);

    /// <summary>How often, and how late, sessions that nobody has taken are removed from the store.</summary>
    public static readonly TimeSpan SavedSessionSweep = TimeSpan.FromMinutes(10);

    /// <summary>Senders on the link whose last number a room remembers; the one unheard longest goes first, and a repetition of its last envelope would be handled again.</summary>
    public const int LinkSenders = 128;

    /// <summary>Properties of a conference request over HTTP; more gets 400. Clients send up to six.</summary>
    public const int ConferenceRequestProperties = 64;

    /// <summary>Octets of a conference request over HTTP; more gets 413.</summary>
    public const int ConferenceRequestOctets = 64 * 1024;

    /// <summary>How long a conference request waits for focus; then the client is told to ask again later.</summary>
    public static readonly TimeSpan ConferenceRequestTime = TimeSpan.FromSeconds(15);

    /// <summary>How often an ownership that ends tries to give back to the link what it did not handle; then that is lost.</summary>
    public const int GiveBackTries = 5;

    public static readonly TimeSpan GiveBackPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Inputs that wait for a partition's owner; senders wait beyond that.</summary>
    public const int PartitionInputs = 65_536;
}
