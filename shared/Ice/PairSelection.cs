using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The pair that carries the data, the nominated pair, and the consent of the remote on the first (RFC 8445 section 8, RFC 7675).</summary>
internal sealed class PairSelection(IceAgentOptions options, IRandomSource random, CheckSender sender, AgentOutput output)
{
    private readonly ConsentFreshness _consent = new(options, random);

    /// <summary>Null when no pair is valid.</summary>
    public CandidatePair? Active { get; private set; }

    public CandidatePair? Nominated { get; private set; }

    public MonotonicTime NextTimeout => _consent.NextTimeout;

    public void Nominate(CandidatePair pair, MonotonicTime now)
    {
        Nominated = pair;
        Activate(pair, now);
    }

    public void Activate(CandidatePair pair, MonotonicTime now)
    {
        if (Active == pair) return;
        Active = pair;
        Refresh(now);
        output.Raise(new IceEvent.SelectedPairChanged(pair.LocalAddress, pair.RemoteAddress));
    }

    /// <summary>For a pair that was valid long ago: its consent is checked at once.</summary>
    public void ActivateOnProbation(CandidatePair pair, MonotonicTime now)
    {
        Activate(pair, now);
        _consent.CheckSoon(now);
    }

    /// <summary>The remote has answered on the active pair.</summary>
    public void Refresh(MonotonicTime now)
    {
        sender.ForgetConsent();
        _consent.Refresh(now);
    }

    public void ForgetNomination(CandidatePair pair)
    {
        if (Nominated == pair) Nominated = null;
    }

    /// <returns>False when the pair did not carry the data.</returns>
    public bool Deactivate(CandidatePair pair)
    {
        if (Active != pair) return false;
        Active = null;
        sender.ForgetConsent();
        _consent.Stop();
        return true;
    }

    /// <summary>Sends a consent check when it is due.</summary>
    /// <returns>The pair whose consent has expired; null for none.</returns>
    public CandidatePair? AdvanceConsent(RoleStrategy role, MonotonicTime now)
    {
        if (Active is not { } pair) return null;
        switch (_consent.Advance(now))
        {
            case ConsentStep.Send:
                sender.Send(pair, CheckKind.Consent, role, now);
                return null;
            case ConsentStep.Expired:
                return pair;
            default:
                return null;
        }
    }

    public void Clear()
    {
        _consent.Stop();
        Active = null;
        Nominated = null;
    }
}
