using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>What came from a client.</summary>
public enum ClientInputKind
{
    /// <summary>A stand-alone document: a WebSocket's frame.</summary>
    Frame,

    /// <summary>A part of a stream over TCP.</summary>
    Part,

    /// <summary>White space between such parts.</summary>
    Space,

    /// <summary>The client sends no more.</summary>
    Closed,

    /// <summary>What came cannot be read any further.</summary>
    Refused,
}

/// <summary>One thing that a client sent.</summary>
public readonly record struct ClientInput(ClientInputKind Kind, int Octets)
{
    /// <summary>Of <see cref="ClientInputKind.Frame"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>Of <see cref="ClientInputKind.Part"/>.</summary>
    public XmppStreamPart Part { get; init; }

    /// <summary>The stream error for <see cref="ClientInputKind.Refused"/>.</summary>
    public string Condition { get; init; } = "";

    public SessionEndReason Reason { get; init; }

    public static ClientInput Refused(string condition, SessionEndReason reason) => new(ClientInputKind.Refused, 0) { Condition = condition, Reason = reason };
}

/// <summary>
/// What carries a client's stream: a WebSocket, TCP with TLS, or the bodies of HTTP requests. One reader and one writer use it at the same time; both come from one <see cref="ClientConnection"/>. It reports a broken
/// connection by an <see cref="IOException"/> or a <see cref="System.Net.WebSockets.WebSocketException"/>.
/// </summary>
public abstract class ClientTransport
{
    /// <summary>The end of the stream as it is written here.</summary>
    public abstract OutboundFrame Close { get; }

    /// <summary>Whether the server asks the client, over XMPP, whether it is still there: nothing below finds out in time.</summary>
    public virtual bool NeedsPings => false;

    /// <summary>Called whenever octets come, where pings are needed.</summary>
    public Action? Heard { get; set; }

    /// <summary>Octets that wait for the end of a batch.</summary>
    public abstract int Waiting { get; }

    /// <summary>Waits for what the client sends next.</summary>
    /// <param name="maximum">The longest element that is taken, in octets; a longer one is refused with <see cref="SessionEndReason.FrameTooBig"/>.</param>
    /// <param name="cancellation">Cuts the connection.</param>
    public abstract ValueTask<ClientInput> ReceiveAsync(int maximum, CancellationToken cancellation);

    /// <summary>The client begins its stream anew with what it sends next.</summary>
    public virtual void Restart()
    {
    }

    /// <summary>Takes what a client still says after its stream is closed, until it closes its side; a connection closed with unread data is reset, and the client would not see why.</summary>
    public abstract ValueTask DrainAsync(CancellationToken cancellation);

    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation);

    /// <summary>What is sent from here on waits for <see cref="EndBatchAsync"/>.</summary>
    public abstract void BeginBatch();

    public abstract ValueTask EndBatchAsync(CancellationToken cancellation);

    /// <summary>Says that nothing more will be sent.</summary>
    public abstract Task CloseOutputAsync(SessionEndReason reason, CancellationToken cancellation);

    /// <summary>Cuts the connection without a word.</summary>
    public abstract void Abort();
}
