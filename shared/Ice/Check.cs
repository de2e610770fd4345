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

/// <summary>A request of ours that waits for its response, with the timer of RFC 8489 section 6.2.1.</summary>
internal sealed class Check(StunTransactionId id, CandidatePair pair, CheckKind kind, IceRole role, byte[] datagram, TimeSpan rto, MonotonicTime now)
{
    private TimeSpan _rto = rto;

    public StunTransactionId Id { get; } = id;

    public CandidatePair Pair { get; } = pair;

    public CheckKind Kind { get; } = kind;

    /// <summary>Our role when it was sent: a 487 speaks of this one.</summary>
    public IceRole Role { get; } = role;

    public byte[] Datagram { get; } = datagram;

    public int Transmissions { get; private set; } = 1;

    public MonotonicTime LastSent { get; private set; } = now;

    /// <summary>When to send again or give up. Consent checks are never sent again (RFC 7675 section 5.1).</summary>
    public MonotonicTime NextTimeout { get; private set; } = kind == CheckKind.Consent ? MonotonicTime.Never : now + rto;

    public void Resent(TimeSpan maxRto, MonotonicTime now)
    {
        _rto = _rto * 2 > maxRto ? maxRto : _rto * 2;
        Transmissions++;
        LastSent = now;
        NextTimeout = now + _rto;
    }

    /// <summary>Starts the timer anew, for a check that the remote has just given us a reason to repeat.</summary>
    public void Restart(TimeSpan rto, MonotonicTime now)
    {
        _rto = rto;
        Transmissions = 1;
        LastSent = now;
        NextTimeout = now + rto;
    }
}
