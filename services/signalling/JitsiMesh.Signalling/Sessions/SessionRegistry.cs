using System.Collections.Concurrent;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>The sessions of this node, by full JID and by resume id, and what their effects do.</summary>
public sealed partial class SessionRegistry(MeshClock clock, SignallingMetrics metrics, ILogger<SessionRegistry>? logger = null) : IDisposable
{
    private readonly ConcurrentDictionary<string, IFrameSink> _byFullJid = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SessionHandle> _byResumeId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SessionHandle> _waiting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly RevokedAccounts _revoked = new();
    private readonly ILogger _logger = logger ?? (ILogger)NullLogger.Instance;
    private RoomDoor? _rooms;
    private ISessionRecords? _records;

    public int Count => _byFullJid.Count;

    /// <summary>Cancelled when this node stops and clients are to go elsewhere.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>The sessions of this node are being handed over: a client that asks for one finds it at another node.</summary>
    public bool IsLeaving { get; private set; }

    public IEnumerable<SessionHandle> Sessions => _byFullJid.Values.OfType<SessionHandle>();

    /// <summary>Given once, when the service is put together: rooms deliver to sessions and sessions send to rooms.</summary>
    /// <param name="rooms">Where sessions send.</param>
    /// <param name="records">Who keeps records of sessions; null where none are kept.</param>
    public void Connect(RoomDoor rooms, ISessionRecords? records = null) => (_rooms, _records) = (rooms, records);

    public SessionHandle Add(XmppSession session)
    {
        var handle = new SessionHandle(session, this, clock);
        _byFullJid[session.FullJid] = handle;
        return handle;
    }

    /// <summary>From here on sessions leave this node one by one.</summary>
    public void BeginLeaving() => IsLeaving = true;

    /// <summary>Closes every socket: of sessions that another node continues, or that end.</summary>
    public void CloseSockets() => _closing.Cancel();

    /// <summary>A session of another node, which waits here for its client.</summary>
    /// <param name="session">The session.</param>
    /// <param name="hash">Of its resume id.</param>
    public SessionHandle AddWaiting(XmppSession session, string hash)
    {
        var handle = new SessionHandle(session, this, clock) { WaitsAs = hash };
        _waiting[hash] = handle;
        _byFullJid[session.FullJid] = handle;
        return handle;
    }

    /// <summary>The session that waits under the hash of an id, which from here on is found by the id.</summary>
    public SessionHandle? Claim(string hash, string resumeId)
    {
        if (!_waiting.TryGetValue(hash, out var handle)) return FindResumable(resumeId);
        lock (handle.Gate)
        {
            if (handle.WaitsAs is null || handle.Session.IsEnded) return FindResumable(resumeId);
            handle.Session.Name(resumeId);
            handle.WaitsAs = null;
            _byResumeId[resumeId] = handle;
        }

        _waiting.TryRemove(hash, out _);
        return handle;
    }

    /// <summary>Another node continues the session: nobody is told of an end.</summary>
    public void Release(SessionHandle handle) => Forget(handle);

    /// <summary>Another node has the session, though it was never handed over: nothing happens to it here any more, and its client finds it there.</summary>
    public void Abandon(SessionHandle handle)
    {
        handle.Freeze()?.Abort(SessionEndReason.Resumed);
        Forget(handle);
    }

    /// <summary>Whether a session's account was revoked after the session had asked for its login: it was let in and not found here yet.</summary>
    public bool IsRevoked(XmppSession session) => _revoked.Contains(session);

    /// <summary>Ends the sessions of an account that is gone.</summary>
    /// <param name="bareJid">name@domain, prepared.</param>
    /// <returns>How many.</returns>
    public int Revoke(string bareJid)
    {
        // First, for a session that is bound meanwhile.
        _revoked.Add(bareJid, clock.Now.Now);
        var ended = 0;
        foreach (var handle in Sessions.Where(handle => RevokedAccounts.IsOf(handle.Session, bareJid)).ToList())
        {
            try
            {
                handle.Revoke();
                ended++;
            }
            catch (Exception exception)
            {
                Fail(handle, exception);
            }
        }

        return ended;
    }

    /// <summary>A full JID that is no session: an HTTP request that waits for an answer.</summary>
    public bool TryAdd(string fullJid, IFrameSink sink) => _byFullJid.TryAdd(fullJid, sink);

    public void Remove(string fullJid) => _byFullJid.TryRemove(fullJid, out _);

    public void AddResumable(string resumeId, SessionHandle handle)
    {
        _byResumeId[resumeId] = handle;
        _records?.Begin(handle);
    }

    public SessionHandle? FindResumable(string resumeId) => _byResumeId.GetValueOrDefault(resumeId);

    /// <param name="fullJid">The receiver.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="origin">The envelope that brought it; null where none did.</param>
    public void Deliver(string fullJid, OutboundFrame frame, LinkOrigin? origin = null)
    {
        if (_byFullJid.TryGetValue(fullJid, out var sink))
        {
            metrics.Delivered.Add(1);
            try
            {
                if (sink is SessionHandle handle)
                {
                    handle.Deliver(frame, origin);
                    return;
                }

                sink.Deliver(frame);
            }
            catch (Exception exception)
            {
                // Who delivers has others to deliver to.
                Fail(sink as SessionHandle, exception);
            }
        }
        else
        {
            metrics.Refused("session-unknown");
        }

        origin?.Receipt.Complete();
    }

    /// <summary>Ends the sessions whose wait for a socket is over.</summary>
    public void Tick()
    {
        var now = clock.Now.Now;
        foreach (var handle in Sessions)
        {
            if (handle.Session.Deadline > now) continue;
            try
            {
                handle.Tick();
            }
            catch (Exception exception)
            {
                Fail(handle, exception);
            }
        }
    }

    /// <summary>This node stops: nobody can resume its sessions, so they leave their rooms now and not when their wait for a socket is over.</summary>
    public void EndAll()
    {
        foreach (var handle in Sessions)
        {
            try
            {
                handle.End(SessionEndReason.ShuttingDown);
            }
            catch (Exception exception)
            {
                Fail(handle, exception);
            }
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
            case StanzaRefused refused:
                metrics.Refused(refused.Reason);
                break;
            case StanzaFailed failed:
                metrics.Refused("internal-error");
                LogStanzaFailed(_logger, failed.Exception, failed.Session);
                break;
            case RecordDue due:
                _records?.Due(handle, due.Haste);
                break;
            case SessionEnded ended:
                Forget(ended, handle);
                _records?.End(handle);
                break;
            case CloseSocket close:
                handle.Connection?.CloseAfterFrames(close.Reason);
                break;
        }
    }

    // The session's state may be wrong now: its socket is cut, and its client joins anew.
    private void Fail(SessionHandle? handle, Exception exception)
    {
        metrics.Refused("internal-error");
        LogSessionFailed(_logger, exception, handle?.Session.Info.Jid.Resource ?? "");
        if (handle is null) return;
        lock (handle.Gate) handle.Connection?.Abort(SessionEndReason.InternalError);
    }

    private void Forget(SessionEnded ended, SessionHandle handle)
    {
        metrics.SessionEnded(ended.Reason);
        Forget(handle);
    }

    private void Forget(SessionHandle handle)
    {
        _byFullJid.TryRemove(new KeyValuePair<string, IFrameSink>(handle.Session.FullJid, handle));
        if (handle.Session.ResumeId is { } id) _byResumeId.TryRemove(new KeyValuePair<string, SessionHandle>(id, handle));
        if (handle.WaitsAs is { } hash) _waiting.TryRemove(new KeyValuePair<string, SessionHandle>(hash, handle));
    }

    public void Dispose() => _closing.Dispose();

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "A stanza of session {Session} failed; its sender got an error")]
    private static partial void LogStanzaFailed(ILogger logger, Exception exception, string session);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Session {Session} failed; its socket is cut")]
    private static partial void LogSessionFailed(ILogger logger, Exception exception, string session);
}
