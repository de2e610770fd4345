using System.Collections.Concurrent;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Routing;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>The sessions of this node, by full JID and by resume id, and what their effects do.</summary>
public sealed class SessionRegistry(MeshClock clock, SignallingMetrics metrics)
{
    private readonly ConcurrentDictionary<string, IFrameSink> _byFullJid = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SessionHandle> _byResumeId = new(StringComparer.Ordinal);
    private RoomDoor? _rooms;

    public int Count => _byFullJid.Count;

    public IEnumerable<SessionHandle> Sessions => _byFullJid.Values.OfType<SessionHandle>();

    /// <summary>Given once, when the service is put together: rooms deliver to sessions and sessions send to rooms.</summary>
    public void Connect(RoomDoor rooms) => _rooms = rooms;

    public SessionHandle Add(XmppSession session)
    {
        var handle = new SessionHandle(session, this, clock);
        _byFullJid[session.FullJid] = handle;
        return handle;
    }

    /// <summary>A full JID that is no session: an HTTP request that waits for an answer.</summary>
    public bool TryAdd(string fullJid, IFrameSink sink) => _byFullJid.TryAdd(fullJid, sink);

    public void Remove(string fullJid) => _byFullJid.TryRemove(fullJid, out _);

    public void AddResumable(string resumeId, SessionHandle handle) => _byResumeId[resumeId] = handle;

    public SessionHandle? FindResumable(string resumeId) => _byResumeId.GetValueOrDefault(resumeId);

    public void Deliver(string fullJid, OutboundFrame frame)
    {
        if (_byFullJid.TryGetValue(fullJid, out var sink))
        {
            metrics.Delivered.Add(1);
            sink.Deliver(frame);
        }
        else
        {
            metrics.Refused("session-unknown");
        }
    }

    /// <summary>Ends the sessions whose wait for a socket is over.</summary>
    public void Tick()
    {
        var now = clock.Now.Now;
        foreach (var handle in Sessions)
        {
            if (handle.Session.Deadline <= now) handle.Tick();
        }
    }

    /// <summary>Effects that no stream waits for. Called outside of the session's gate; never blocks.</summary>
    public void Do(StreamEffect effect, SessionHandle handle)
    {
        switch (effect)
        {
            case ToRoom toRoom:
                _rooms?.Post(toRoom.Input);
                break;
            case ToSession toSession:
                SendTo(toSession, handle);
                break;
            case SessionEnded ended:
                Forget(ended, handle);
                break;
            case CloseSocket close:
                handle.Connection?.CloseAfterFrames(close.Reason);
                break;
        }
    }

    private void SendTo(ToSession toSession, SessionHandle handle)
    {
        if (_byFullJid.TryGetValue(toSession.FullJid, out var sink))
        {
            sink.Deliver(OutboundFrame.Stanza(toSession.Stanza));
            return;
        }

        if (toSession.Stanza["type"] is "error" or "result") return;
        handle.Deliver(OutboundFrame.Stanza(Xmpp.Stanzas.Error(toSession.Stanza, Xmpp.StanzaError.ServiceUnavailable)));
    }

    private void Forget(SessionEnded ended, SessionHandle handle)
    {
        metrics.SessionEnded(ended.Reason);
        _byFullJid.TryRemove(new KeyValuePair<string, IFrameSink>(ended.Session.FullJid, handle));
        if (ended.Session.ResumeId is { } id) _byResumeId.TryRemove(new KeyValuePair<string, SessionHandle>(id, handle));
    }
}
