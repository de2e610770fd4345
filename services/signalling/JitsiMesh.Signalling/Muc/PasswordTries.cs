using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// Paces guesses of a room's password, by the session and by the address that it came from. The first try of a session has a wider bound of its own: a session that
/// guesses must not keep the people behind its address out, who know the password.
/// </summary>
public sealed class PasswordTries
{
    private readonly Remembered<TokenBucket> _bySession = Bucket(SignallingLimits.PasswordTriesPerSecond, SignallingLimits.PasswordTryBurst);
    private readonly Remembered<TokenBucket> _byAddress = Bucket(SignallingLimits.AddressPasswordTriesPerSecond, SignallingLimits.AddressPasswordTryBurst);
    private readonly Remembered<TokenBucket> _firstOfAddress = Bucket(SignallingLimits.AddressFirstPasswordTriesPerSecond, SignallingLimits.AddressFirstPasswordTryBurst);

    /// <summary>Whether the session may try one more, before anybody looks whether it is right.</summary>
    /// <param name="room">The stored JID of the room.</param>
    /// <param name="session">The session that wants in.</param>
    /// <param name="now">The time.</param>
    public bool MayTry(string room, SessionInfo session, MonotonicTime now)
    {
        var shared = _byAddress;
        if (!_bySession.TryGet(session.FullJid, out var own)) shared = _firstOfAddress;
        else if (own.Wait(now) > TimeSpan.Zero) return false;
        return Address(room, session) is not { } address || !shared.TryGet(address, out var bucket) || bucket.Wait(now) == TimeSpan.Zero;
    }

    /// <summary>A try of the session was wrong.</summary>
    public void Failed(string room, SessionInfo session, MonotonicTime now)
    {
        var shared = _bySession.TryGet(session.FullJid, out _) ? _byAddress : _firstOfAddress;
        _bySession.Of(session.FullJid, now).Take(1, now);
        if (Address(room, session) is { } address) shared.Of(address, now).Take(1, now);
    }

    private static string? Address(string room, SessionInfo session) => session.Context.AddressTag is { } tag ? $"{tag} {room}" : null;

    private static Remembered<TokenBucket> Bucket(double perSecond, double burst) =>
        new(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, () => new TokenBucket(perSecond, burst));
}
