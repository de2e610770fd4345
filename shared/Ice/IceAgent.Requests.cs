using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The remote's requests (RFC 8445 section 7.3).</summary>
public sealed partial class IceAgent
{
    /// <param name="datagram">Anything that begins like STUN.</param>
    /// <param name="local">The address of our socket it came to.</param>
    /// <param name="remote">The address it came from.</param>
    /// <param name="now">The time of its arrival.</param>
    public IceInput HandleStun(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (HasEnded) return IceInput.AgentEnded;
        if (!StunMessage.TryParse(datagram, out var message)) return IceInput.Malformed;
        if (!message.VerifyFingerprint()) return IceInput.BadFingerprint;
        if (message.Method != StunMethod.Binding) return IceInput.UnknownMethod;
        var result = message.Class switch
        {
            StunClass.Request => HandleRequest(message, local, remote, now),
            StunClass.Indication => HandleIndication(message),
            _ => HandleResponse(message, local, remote, now),
        };
        if (!HasEnded) Progress(now);
        return result;
    }

    private IceInput HandleRequest(in StunMessage message, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        // 1. Who asks (RFC 8489 section 9.1.3).
        if (!message.HasMessageIntegrity || !message.TryGetUsername(out var username))
        {
            SendError(message.TransactionId, StunErrorCode.BadRequest, "Bad Request", authentic: false, local, remote);
            return IceInput.MissingCredentials;
        }

        if (!IsForUs(username) || !message.VerifyMessageIntegrity(_passwordUtf8))
        {
            SendError(message.TransactionId, StunErrorCode.Unauthenticated, "Unauthenticated", authentic: false, local, remote);
            return IceInput.BadCredentials;
        }

        // 2. Whether we understand it all (section 6.3.1).
        Span<ushort> unknown = stackalloc ushort[StunLimits.MaxUnknownAttributes];
        unknown = unknown[..message.GetUnknownRequired(unknown)];
        if (!unknown.IsEmpty)
        {
            SendError(message.TransactionId, StunErrorCode.UnknownAttribute, "Unknown Attribute", authentic: true, local, remote, unknown);
            return IceInput.UnknownAttribute;
        }

        // 3. Whether both want the same role (RFC 8445 section 7.3.1.1).
        if (message.TryGetTieBreaker(_role.ConflictingAttribute, out var theirs))
        {
            if (_role.WinsConflict(_tieBreaker, theirs))
            {
                SendError(message.TransactionId, StunErrorCode.RoleConflict, "Role Conflict", authentic: true, local, remote);
                return IceInput.RoleConflictAnswered;
            }

            SwitchRole(now);
        }

        // 4. Answer, then learn from it.
        SendSuccess(message.TransactionId, local, remote);
        var early = new EarlyCheck(
            local,
            remote,
            message.TryGetPriority(out var priority) ? priority : CandidatePriority.Compute(CandidateType.PeerReflexive, 0),
            message.HasAttribute(StunAttribute.UseCandidate));
        if (RemoteUfrag is null) Remember(early);
        else Learn(early, now);
        return IceInput.RequestAnswered;
    }

    private IceInput HandleIndication(in StunMessage message)
    {
        // Browsers send keep-alive indications without credentials; those with credentials must have ours.
        return message.HasMessageIntegrity && !message.VerifyMessageIntegrity(_passwordUtf8) ? IceInput.BadCredentials : IceInput.IndicationAccepted;
    }

    private bool IsForUs(ReadOnlySpan<byte> username)
    {
        var colon = username.IndexOf((byte)':');
        return colon > 0 && IsUfrag(username[..colon]);
    }

    /// <summary>RFC 8445 sections 7.3.1.3 to 7.3.1.5.</summary>
    private void Learn(EarlyCheck request, MonotonicTime now)
    {
        var pair = FindOrFormPair(request);
        if (pair is null) return;
        pair.Heard(now);
        if (pair.State != PairState.Succeeded) TriggerCheck(pair, now);
        if (request.UseCandidate) _role.OnUseCandidate(pair, now);
    }

    private CandidatePair? FindOrFormPair(EarlyCheck request)
    {
        if (Checks.Find(request.Local, request.Remote) is { } known) return known;
        if (Checks.FindBase(request.Local) is null)
        {
            // A socket that the owner did not list, bound to a wildcard perhaps. Its word for it is enough.
            if (!Checks.HasRoomForBase) return null;
            Checks.AddLocal(Candidate.CreateHost(request.Local, 0), Role);
        }

        var candidate = new Candidate
        {
            Type = CandidateType.PeerReflexive,
            Address = request.Remote,
            Priority = request.Priority,
            Foundation = "prflx" + CandidatePriority.Foundation(CandidateType.PeerReflexive, request.Remote),
        };
        if (Checks.AddRemote(candidate, Role)) Raise(new IceEvent.RemoteCandidateDiscovered(candidate));
        return Checks.Find(request.Local, request.Remote);
    }

    private void TriggerCheck(CandidatePair pair, MonotonicTime now)
    {
        if (pair.State != PairState.InProgress || FindCheckOf(pair) is not { } check)
        {
            Checks.Trigger(pair);
            return;
        }

        // Section 7.3.1.4 cancels the check in progress for a new one. Sending the same again serves as well, and not for each of a burst.
        if (now - check.LastSent < _options.InitialRto / 2) return;
        check.Restart(_options.InitialRto, now);
        if (MayCheck(pair, now)) Transmit(pair.LocalAddress, pair.RemoteAddress, check.Datagram);
    }

    private void Remember(EarlyCheck check)
    {
        var known = _earlyChecks.FindIndex(c => c.Local == check.Local && c.Remote == check.Remote);
        if (known >= 0)
        {
            _earlyChecks[known] = check with { UseCandidate = check.UseCandidate || _earlyChecks[known].UseCandidate };
            return;
        }

        if (_earlyChecks.Count >= IceLimits.MaxEarlyChecks) _earlyChecks.RemoveAt(0);
        _earlyChecks.Add(check);
    }

    private void ReplayEarlyChecks(MonotonicTime now)
    {
        foreach (var check in _earlyChecks) Learn(check, now);
        _earlyChecks.Clear();
    }

    private void SendSuccess(StunTransactionId id, TransportAddress local, TransportAddress remote)
    {
        var writer = new StunWriter(stackalloc byte[StunLimits.MaxBuiltSize], StunClass.SuccessResponse, StunMethod.Binding, id);
        writer.AddXorMappedAddress(remote);
        writer.AddMessageIntegrity(_passwordUtf8);
        writer.AddFingerprint();
        Transmit(local, remote, writer.Written.ToArray());
    }

    private void SendError(
        StunTransactionId id, int code, string reason, bool authentic, TransportAddress local, TransportAddress remote, ReadOnlySpan<ushort> unknown = default)
    {
        var writer = new StunWriter(stackalloc byte[StunLimits.MaxBuiltSize], StunClass.ErrorResponse, StunMethod.Binding, id);
        writer.AddErrorCode(code, reason);
        if (!unknown.IsEmpty) writer.AddUnknownAttributes(unknown);
        if (authentic) writer.AddMessageIntegrity(_passwordUtf8);
        writer.AddFingerprint();
        Transmit(local, remote, writer.Written.ToArray());
    }

    /// <summary>What a request says about the way it came.</summary>
    private readonly record struct EarlyCheck(TransportAddress Local, TransportAddress Remote, uint Priority, bool UseCandidate);
}
