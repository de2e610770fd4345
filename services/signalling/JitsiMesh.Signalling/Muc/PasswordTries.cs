using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Paces guesses of passwords, by the session and by the address that it came from.</summary>
public sealed class PasswordTries
{
    private readonly Remembered<TokenBucket> _bySession = new(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, static () => new TokenBucket(SignallingLimits.PasswordTriesPerSecond, SignallingLimits.PasswordTryBurst));
    private readonly Remembered<TokenBucket> _byAddress = new(SignallingLimits.RememberedSenders, SignallingLimits.SenderMemory, static () => new TokenBucket(SignallingLimits.AddressPasswordTriesPerSecond, SignallingLimits.AddressPasswordTryBurst));

    /// <summary>Whether the session may try one more, before anybody looks whether it is right.</summary>
    public bool MayTry(SessionInfo session, MonotonicTime now) =>
        (!_bySession.TryGet(session.FullJid, out var own) || own.Wait(now) == TimeSpan.Zero)
        && (session.AddressTag is null || !_byAddress.TryGet(session.AddressTag, out var shared) || shared.Wait(now) == TimeSpan.Zero);

    /// <summary>One was wrong.</summary>
    public void Failed(SessionInfo session, MonotonicTime now)
    {
        _bySession.Of(session.FullJid, now).Take(1, now);
        if (session.AddressTag is { } address) _byAddress.Of(address, now).Take(1, now);
    }
}
