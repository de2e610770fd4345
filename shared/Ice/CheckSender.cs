using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>This agent's own requests: their content, the limit of checks to addresses that never answered, and the pending responses.</summary>
internal sealed class CheckSender
{
    private readonly IceAgentOptions _options;
    private readonly IRandomSource _random;
    private readonly TokenBucket _unanswered;
    private readonly AgentOutput _output;
    private readonly Dictionary<StunTransactionId, Check> _outstanding = [];
    private byte[] _username = [];
    private byte[] _remotePassword = [];

    public CheckSender(IceAgentOptions options, IRandomSource random, TokenBucket unanswered, AgentOutput output)
    {
        _options = options;
        _random = random;
        _unanswered = unanswered;
        _output = output;
        TieBreaker = random.NextUInt64();
    }

    public ulong TieBreaker { get; private set; }

    /// <summary>Checks that were not sent because too many earlier ones were unanswered.</summary>
    public long Withheld { get; private set; }

    /// <summary>When the first pending check must be retransmitted or given up.</summary>
    public MonotonicTime NextTimeout
    {
        get
        {
            var next = MonotonicTime.Never;
            foreach (var check in _outstanding.Values) next = MonotonicTime.Min(next, check.NextTimeout);
            return next;
        }
    }

    /// <summary>RFC 8445 section 16.1: after a lost role conflict.</summary>
    public void ChangeTieBreaker() => TieBreaker = _random.NextUInt64();

    public void SetRemote(byte[] username, byte[] password)
    {
        _username = username;
        _remotePassword = password;
    }

    public bool HasPassword(ReadOnlySpan<byte> password) => password.SequenceEqual(_remotePassword);

    /// <summary>Whether a check may be sent: the number of checks to an address that never answered is limited.</summary>
    public bool MaySend(CandidatePair pair, MonotonicTime now)
    {
        if (pair.HasAnswered || _unanswered.TryTake(1, now)) return true;
        Withheld++;
        return false;
    }

    public void Send(CandidatePair pair, CheckKind kind, RoleStrategy role, MonotonicTime now)
    {
        var id = StunTransactionId.Create(_random);
        var datagram = WriteRequest(pair, kind, role, id);
        _outstanding[id] = new Check(id, pair, kind, role.Role, datagram, _options.InitialRto, now);
        _output.Transmit(pair.LocalAddress, pair.RemoteAddress, datagram);
    }

    /// <summary>Retransmits checks that are due.</summary>
    /// <returns>The checks that reached their limit of transmissions, for the owner to end; null for none.</returns>
    public List<Check>? Advance(MonotonicTime now)
    {
        List<Check>? expired = null;
        foreach (var check in _outstanding.Values)
        {
            if (now < check.NextTimeout) continue;
            if (check.Transmissions >= _options.MaxTransmissions)
            {
                (expired ??= []).Add(check);
                continue;
            }

            check.Resent(_options.MaxRto, now);
            Transmit(check, now);
        }

        return expired;
    }

    /// <summary>
    /// Handles a request of the remote on a pair whose check is in progress. RFC 8445 section 7.3.1.4 replaces that check with a new one; retransmitting it
    /// has the same effect, and is not done for each request of a burst.
    /// </summary>
    public void Hurry(Check check, MonotonicTime now)
    {
        if (now - check.LastSent < _options.InitialRto / 2) return;
        check.Restart(_options.InitialRto, now);
        Transmit(check, now);
    }

    public bool Awaits(StunTransactionId id) => _outstanding.ContainsKey(id);

    /// <summary>The check that a response answers. It is no longer pending, except that a consent check stays pending until another answer or a change of the pair.</summary>
    /// <returns>The fault of the response, which then has no effect; null for a valid response.</returns>
    public IceInput? Match(in StunMessage response, out Check check)
    {
        if (!_outstanding.TryGetValue(response.TransactionId, out check!)) return IceInput.UnknownTransaction;

        // 400 and 401 cannot be authenticated (the remote does not know this agent). Any attacker on the path could send them, so they end no check: the timer does.
        if (!response.VerifyMessageIntegrity(_remotePassword)) return IceInput.BadCredentials;
        if (response.GetUnknownRequired(stackalloc ushort[1]) > 0) return IceInput.UnknownAttribute;
        if (check.Kind != CheckKind.Consent) Forget(check);
        return null;
    }

    /// <summary>The check of a pair that is in progress, except consent checks.</summary>
    public Check? FindOf(CandidatePair pair)
    {
        foreach (var check in _outstanding.Values)
        {
            if (check.Pair == pair && check.Kind != CheckKind.Consent) return check;
        }

        return null;
    }

    /// <returns>False if it was already forgotten.</returns>
    public bool Forget(Check check) => _outstanding.Remove(check.Id);

    public void ForgetConsent()
    {
        foreach (var check in _outstanding.Values)
        {
            if (check.Kind == CheckKind.Consent) _outstanding.Remove(check.Id);
        }
    }

    public void ForgetOf(CandidatePair pair)
    {
        foreach (var check in _outstanding.Values)
        {
            if (check.Pair == pair) _outstanding.Remove(check.Id);
        }
    }

    public void Clear() => _outstanding.Clear();

    private void Transmit(Check check, MonotonicTime now)
    {
        if (MaySend(check.Pair, now)) _output.Transmit(check.Pair.LocalAddress, check.Pair.RemoteAddress, check.Datagram);
    }

    private byte[] WriteRequest(CandidatePair pair, CheckKind kind, RoleStrategy role, StunTransactionId id)
    {
        var writer = new StunWriter(stackalloc byte[StunLimits.MaxBuiltSize], StunClass.Request, StunMethod.Binding, id);
        writer.AddBytes(StunAttribute.Username, _username);
        writer.AddPriority(CandidatePriority.WithType(pair.Local.Priority, CandidateType.PeerReflexive, pair.LocalAddress.IsTcp));
        writer.AddTieBreaker(role.OwnAttribute, TieBreaker);
        if (kind == CheckKind.Nomination) writer.AddUseCandidate();
        writer.AddMessageIntegrity(_remotePassword);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
