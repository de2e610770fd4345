using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The source, destination and attributes of an authenticated request.</summary>
internal readonly record struct ReceivedCheck(TransportAddress Local, TransportAddress Remote, uint Priority, bool UseCandidate);

/// <summary>Checks that arrived before the remote credentials: already answered, and processed when the credentials arrive (RFC 8445 section 7.3).</summary>
internal sealed class EarlyChecks
{
    private readonly List<ReceivedCheck> _checks = [];

    /// <summary>A repeated check replaces the first one; a nomination is kept.</summary>
    public void Remember(ReceivedCheck check)
    {
        var known = _checks.FindIndex(c => c.Local == check.Local && c.Remote == check.Remote);
        if (known >= 0)
        {
            _checks[known] = check with { UseCandidate = check.UseCandidate || _checks[known].UseCandidate };
            return;
        }

        if (_checks.Count >= IceLimits.MaxEarlyChecks) _checks.RemoveAt(0);
        _checks.Add(check);
    }

    public bool Has(TransportAddress local, TransportAddress remote)
    {
        foreach (var check in _checks)
        {
            if (check.Local == local && check.Remote == remote) return true;
        }

        return false;
    }

    public void Forget(TransportAddress local, TransportAddress remote) => _checks.RemoveAll(c => c.Local == local && c.Remote == remote);

    public void Clear() => _checks.Clear();

    /// <summary>Removes and returns all of them, oldest first.</summary>
    public ReceivedCheck[] Take()
    {
        ReceivedCheck[] taken = [.. _checks];
        _checks.Clear();
        return taken;
    }
}
