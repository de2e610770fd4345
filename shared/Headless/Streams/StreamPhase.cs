namespace JitsiMesh.Headless.Streams;

/// <summary>How far a client's stream has come.</summary>
public enum StreamPhase
{
    /// <summary>No socket yet.</summary>
    Idle,
    Opening,
    Authenticating,
    Restarting,
    Binding,
    Enabling,
    Resuming,

    /// <summary>Stanzas flow.</summary>
    Ready,

    /// <summary>The socket is gone; the stream waits to be resumed on another.</summary>
    Suspended,

    /// <summary>Over for good; <see cref="ClientStream.Failure"/> says why.</summary>
    Ended,
}
