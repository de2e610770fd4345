using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Accounts that were revoked just now, for sessions that the registry did not have yet: their login was under way, or they were on the way from another node.</summary>
internal sealed class RevokedAccounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MonotonicTime> _at = new(StringComparer.Ordinal);

    public void Add(string bareJid, MonotonicTime now)
    {
        lock (_gate)
        {
            foreach (var old in _at.Where(p => now - p.Value > SignallingLimits.RevokedMemory).Select(p => p.Key).ToList()) _at.Remove(old);
            if (_at.Count >= SignallingLimits.RevokedAccounts) _at.Remove(_at.MinBy(p => p.Value).Key);
            _at[bareJid] = now;
        }
    }

    public bool Contains(XmppSession session)
    {
        lock (_gate)
        {
            return _at.Count > 0 && Names(session).Any(name => _at.TryGetValue(name, out var at) && session.AskedAt <= at);
        }
    }

    /// <summary>Whether an account opened a session: by the JID that auth vouched for, or by its own.</summary>
    public static bool IsOf(XmppSession session, string bareJid) => Names(session).Contains(bareJid);

    private static IEnumerable<string> Names(XmppSession session) => session.Info.Context.Identity is { } identity ? [identity, session.Info.BareJid] : [session.Info.BareJid];
}
