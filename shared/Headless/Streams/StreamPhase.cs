namespace JitsiMesh.Headless.Streams;

/// <summary>The phase of a client's stream.</summary>
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

    /// <summary>The socket closed; the stream can be resumed on another one.</summary>
    Suspended,

    /// <summary>Ended for good; <see cref="ClientStream.Failure"/> has the reason.</summary>
    Ended,
}
