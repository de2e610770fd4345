namespace JitsiMesh.Signalling.Bosh;

/// <summary>The bounds of BOSH and what happens to a client that exceeds one. All else is bounded as over a WebSocket (<see cref="SignallingLimits"/>).</summary>
public static class BoshLimits
{
    /// <summary>Requests that a client may have open at the same time, beside one that ends the session; a request further ahead gets item-not-found.</summary>
    public const int Requests = 2;

    /// <summary>Octets in which the start tag of a body must end; a longer one is refused with HTTP 400.</summary>
    public const int TagOctets = 4096;

    /// <summary>Octets of a body, as a multiple of those of one element that its session may send now; a longer one ends the session with policy-violation.</summary>
    public const int BodyElements = 2;

    /// <summary>
    /// Octets that wait for the next answer, above which no more are taken from the session's queue (<see cref="SignallingLimits.OutgoingOctets"/> bounds that one). An answer is as
    /// long as these and one batch; two answers are kept for a client that asks for them again.
    /// </summary>
    public const int AnswerOctets = 128 * 1024;

    /// <summary>Octets of memory that are kept for the next answer while nothing waits.</summary>
    public const int KeptOctets = 4096;

    /// <summary>Requests of one session at once, and a second in the long run; beyond, their answers come later, with all that has gathered meanwhile.</summary>
    public const int RequestBurst = 100;

    public const int RequestsPerSecond = 20;

    /// <summary>Sessions over BOSH of one node; another one is refused with HTTP 503.</summary>
    public const int SessionsOfNode = 20_000;

    /// <summary>
    /// How long a request is held at most; clients ask for 60 s and are told this instead. Below what proxies in front wait for an answer: 50 s with HAProxy's usual file, 60 s with nginx.
    /// </summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(40);

    /// <summary>A session without an open request ends after so long (bosh_max_inactivity).</summary>
    public static readonly TimeSpan Inactivity = TimeSpan.FromSeconds(60);

    /// <summary>The pause between requests that is asked of clients which are not to be held; none is ended for less.</summary>
    public static readonly TimeSpan Polling = TimeSpan.FromSeconds(5);

    /// <summary>How long the body of a request may take; then it is refused with HTTP 408.</summary>
    public static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(30);

    /// <summary>How long the last word of an ended session waits for a request that fetches it.</summary>
    public static readonly TimeSpan LastWordTime = TimeSpan.FromSeconds(10);
}
