using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Something that a full JID of this node stands for.</summary>
public interface IFrameSink
{
    void Deliver(OutboundFrame frame);
}

/// <summary>
/// A session and the socket that serves it at the moment. Its gate lets one caller at a time into the session: the socket's reader, or
/// the owner of a room that delivers.
/// </summary>
public sealed class SessionHandle(XmppSession session, SessionRegistry registry, MeshClock clock) : IFrameSink
{
    private readonly SessionOutputs _outputs = new();

    public Lock Gate { get; } = new();

    public XmppSession Session { get; } = session;

    /// <summary>Guarded by <see cref="Gate"/>; null while the session waits for a socket.</summary>
    public ClientConnection? Connection { get; set; }

    /// <summary>Guarded by <see cref="Gate"/>: another node continues the session, and nothing happens to it here any more.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Under which hash of its resume id it waits here for its client, which has it from another node; null for one that began here, or whose client has come.</summary>
    public string? WaitsAs { get; set; }

    /// <summary>Takes the session from its socket and keeps every socket from it.</summary>
    /// <returns>The connection that served it, which may still be doing what it has begun; or null.</returns>
    public ClientConnection? Freeze()
    {
        lock (Gate)
        {
            IsFrozen = true;
            var connection = Connection;
            Connection = null;
            return connection;
        }
    }

    public void Deliver(OutboundFrame frame) => Deliver(frame, null);

    /// <param name="frame">The frame.</param>
    /// <param name="origin">The envelope that brought it; null where none did.</param>
    public void Deliver(OutboundFrame frame, LinkOrigin? origin)
    {
        StreamEffect[] effects;
        lock (Gate)
        {
            Session.Deliver(frame, clock.Now, _outputs, origin);
            effects = TakeOutputs();
        }

        foreach (var effect in effects) registry.Do(effect, this);
    }

    /// <summary>Something about the session's record: see <see cref="XmppSession.BeginRecord"/> and what stands beside it.</summary>
    public void Record(Action<XmppSession, SessionOutputs> step) => Run((session, _, outputs) => step(session, outputs));

    /// <summary>See <see cref="XmppSession.TakeUpdate"/>.</summary>
    public SessionUpdate? TakeUpdate()
    {
        lock (Gate) return IsFrozen ? null : Session.TakeUpdate(clock.Now);
    }

    public void Tick() => Run(static (session, now, outputs) => session.Tick(now, outputs));

    public void Revoke() => Run(static (session, now, outputs) => session.Revoke(now, outputs));

    /// <summary>The session leaves its rooms, and nobody resumes it.</summary>
    public void End(SessionEndReason reason) => Run((session, now, outputs) => session.End(reason, now, outputs));

    private void Run(Action<XmppSession, MeshInstant, SessionOutputs> step)
    {
        StreamEffect[] effects;
        lock (Gate)
        {
            step(Session, clock.Now, _outputs);
            effects = TakeOutputs();
        }

        foreach (var effect in effects) registry.Do(effect, this);
    }

    // Frames go to the socket inside of the gate, in order; effects are done outside of it.
    private StreamEffect[] TakeOutputs()
    {
        if (Connection is { } connection)
        {
            foreach (var frame in _outputs.Frames) connection.Send(frame);
        }

        StreamEffect[] effects = _outputs.Effects.Count > 0 ? [.. _outputs.Effects] : [];
        _outputs.Clear();
        return effects;
    }
}
