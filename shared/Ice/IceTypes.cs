using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

public enum IceRole
{
    Controlling,
    Controlled,
}

public enum IceState
{
    /// <summary>The remote credentials are not known; checks are answered and remembered.</summary>
    New,

    Checking,

    /// <summary>A pair is valid and may carry data; none is nominated.</summary>
    Connected,

    /// <summary>A pair is nominated.</summary>
    Completed,

    /// <summary>Ended; see <see cref="IceAgent.Failure"/>.</summary>
    Failed,

    Closed,
}

public enum IceFailure
{
    None,

    /// <summary>No pair became valid within <see cref="IceAgentOptions.FailureTimeout"/>.</summary>
    NoValidPair,

    /// <summary>The last valid pair lost its consent (RFC 7675).</summary>
    ConsentExpired,
}

/// <summary>The result of processing a STUN datagram. From <see cref="Malformed"/> on it had no effect.</summary>
public enum IceInput
{
    RequestAnswered,
    ResponseAccepted,

    /// <summary>A Binding indication: a keep-alive without an answer (RFC 8445 section 11).</summary>
    IndicationAccepted,

    /// <summary>An authenticated error response that ended its check.</summary>
    CheckRefused,

    /// <summary>An authenticated request with the same role was answered with 487 (RFC 8445 section 7.3.1.1).</summary>
    RoleConflictAnswered,

    Malformed,
    BadFingerprint,

    /// <summary>Not the Binding method.</summary>
    UnknownMethod,

    /// <summary>No USERNAME or MESSAGE-INTEGRITY: answered with 400.</summary>
    MissingCredentials,

    /// <summary>USERNAME is for another agent, or the HMAC is wrong: a request is answered with 401, a response is ignored.</summary>
    BadCredentials,

    /// <summary>A comprehension-required attribute is unknown: answered with 420.</summary>
    UnknownAttribute,

    /// <summary>A response without a pending request.</summary>
    UnknownTransaction,

    /// <summary>The agent has failed or was closed.</summary>
    AgentEnded,
}

/// <summary>A datagram to send from <paramref name="Local"/> (the address of a local socket).</summary>
public readonly record struct IceTransmit(TransportAddress Local, TransportAddress Remote, ReadOnlyMemory<byte> Datagram);

public abstract record IceEvent
{
    private IceEvent()
    {
    }

    public sealed record StateChanged(IceState State) : IceEvent;

    /// <summary>The pair for data has changed: the nominated pair, or before a nomination the best valid one.</summary>
    public sealed record SelectedPairChanged(TransportAddress Local, TransportAddress Remote) : IceEvent;

    public sealed record RoleChanged(IceRole Role) : IceEvent;

    /// <summary>A check arrived from an address that was not signalled (RFC 8445 section 7.3.1.3).</summary>
    public sealed record RemoteCandidateDiscovered(Candidate Candidate) : IceEvent;

    /// <summary>A response contained an unknown local address (RFC 8445 section 7.2.5.3.1).</summary>
    public sealed record LocalCandidateDiscovered(Candidate Candidate) : IceEvent;
}
