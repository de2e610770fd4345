using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

internal enum CheckKind
{
    Connectivity,

    /// <summary>Carries USE-CANDIDATE.</summary>
    Nomination,

    Consent,
}

/// <summary>A pending request of this agent, with the timer of RFC 8489 section 6.2.1.</summary>
internal sealed class Check(StunTransactionId id, CandidatePair pair, CheckKind kind, IceRole role, byte[] datagram, TimeSpan rto, MonotonicTime now)
{
    private TimeSpan _rto = rto;

    public StunTransactionId Id { get; } = id;

    public CandidatePair Pair { get; } = pair;

    public CheckKind Kind { get; } = kind;

    /// <summary>The role of this agent when the request was sent: a 487 refers to it.</summary>
    public IceRole Role { get; } = role;

    public byte[] Datagram { get; } = datagram;

    public int Transmissions { get; private set; } = 1;

    public MonotonicTime LastSent { get; private set; } = now;

    /// <summary>When to retransmit or give up. Consent checks are never retransmitted (RFC 7675 section 5.1).</summary>
    public MonotonicTime NextTimeout { get; private set; } = kind == CheckKind.Consent ? MonotonicTime.Never : now + rto;

    public void Resent(TimeSpan maxRto, MonotonicTime now)
    {
        _rto = _rto * 2 > maxRto ? maxRto : _rto * 2;
        Transmissions++;
        LastSent = now;
        NextTimeout = now + _rto;
    }

    /// <summary>Restarts the timer, for a check that a request of the remote gives reason to repeat.</summary>
    public void Restart(TimeSpan rto, MonotonicTime now)
    {
        _rto = rto;
        Transmissions = 1;
        LastSent = now;
        NextTimeout = now + rto;
    }
}
