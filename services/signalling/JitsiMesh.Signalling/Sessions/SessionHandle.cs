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

    public void Deliver(OutboundFrame frame) => Run(frame);

    public void Tick() => Run(null);

    public void Revoke() => Run(null, revoked: true);

    /// <summary>Delivers a frame, ends a session whose account is gone, or lets the session look at the time.</summary>
    private void Run(OutboundFrame? delivered, bool revoked = false)
    {
        StreamEffect[] effects = [];
        lock (Gate)
        {
            if (delivered is not null) Session.Deliver(delivered, clock.Now, _outputs);
            else if (revoked) Session.Revoke(clock.Now, _outputs);
            else Session.Tick(clock.Now, _outputs);
            if (Connection is { } connection)
            {
                foreach (var frame in _outputs.Frames) connection.Send(frame);
            }

            if (_outputs.Effects.Count > 0) effects = [.. _outputs.Effects];
            _outputs.Clear();
        }

        foreach (var effect in effects) registry.Do(effect, this);
    }
}
