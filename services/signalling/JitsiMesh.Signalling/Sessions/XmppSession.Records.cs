using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>What is written down of a session, and what another node makes of it.</summary>
public sealed partial class XmppSession
{
    /// <summary>What another node needs to continue this session; null for one that nobody can resume. Nothing may happen to the session any more.</summary>
    public SavedSession? Save(MeshInstant now)
    {
        if (IsEnded || ResumeId is null) return null;
        var positions = new LinkPositions();
        positions.Restore(_record.Positions.Save());
        foreach (var sent in _management.Unacknowledged)
        {
            if (sent.Origin is { } origin) positions.Advance(origin);
        }

        var waits = IsAttached ? _hibernationTime : Deadline - now.Now;
        return Describe(now) with
        {
            Unacknowledged = [.. _management.Unacknowledged.Select(static sent => sent.Save())],
            Positions = positions.Save(),
            WaitsUntilMilliseconds = (now.Utc + waits).ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>Begins, or begins again, to keep a record of the session in the store, so that it survives its node.</summary>
    public void BeginRecord(SessionOutputs outputs)
    {
        if (IsEnded || ResumeId is null) return;
        _record.Begin(_management.Acknowledged, outputs);
    }

    /// <summary>The session has no record any more, and does not survive its node.</summary>
    public void StopRecord(SessionOutputs outputs) => _record.Stop(_management.Unacknowledged, outputs);

    public bool HasRecord => _record.IsOn;

    /// <summary>What is to be written of the session now; null where it has ended, has no record, or is in the middle of something after which it is due again.</summary>
    public SessionUpdate? TakeUpdate(MeshInstant now) => IsEnded ? null : _record.Take(_management.Unacknowledged, () => Describe(now), now, whole: !IsAttached);

    /// <summary>An update is in the store: what waited for it follows.</summary>
    public void Written(SessionUpdate update, SessionOutputs outputs) => _record.Written(update, outputs);

    /// <summary>The store did not take an update; it is due again.</summary>
    public void NotWritten(SessionUpdate update, SessionOutputs outputs) => _record.NotWritten(update, outputs);

    /// <summary>What the client's stanza sets off is under way.</summary>
    public void BeginEffects() => _record.BeginEffects(_management.Handled);

    public void EndEffects(SessionOutputs outputs) => _record.EndEffects(outputs);

    private SavedSession Describe(MeshInstant now) => new()
    {
        FullJid = FullJid,
        Queue = Info.Queue,
        Context = Info.Context,
        Handled = _management.Handled,
        Acknowledged = _management.Acknowledged,
        Rooms = new Dictionary<string, string>(_rooms),
        Former = [.. _former.Select(former => new FormerRoom(former.Room, former.OccupantJid))],
        Positions = _record.Positions.Save(),
        AskedMilliseconds = (now.Utc - (now.Now - AskedAt)).ToUnixTimeMilliseconds(),
        WaitsUntilMilliseconds = IsAttached ? 0 : (now.Utc + (Deadline - now.Now)).ToUnixTimeMilliseconds(),
    };

    /// <summary>The session of another node, waiting for a socket. Null where what was saved cannot be read.</summary>
    /// <param name="saved">What was saved.</param>
    /// <param name="router">Where its stanzas go.</param>
    /// <param name="hibernationTime">How long a session waits for a socket.</param>
    /// <param name="now">The time.</param>
    /// <param name="keepsRecord">The record stays in the store, and this node continues it.</param>
    public static XmppSession? Restore(SavedSession saved, StanzaRouter router, TimeSpan hibernationTime, MeshInstant now, bool keepsRecord = false)
    {
        if (!Jid.TryParse(saved.FullJid, out var jid) || jid.Resource is null) return null;
        var sent = new List<SentStanza>(saved.Unacknowledged.Count);
        foreach (var one in saved.Unacknowledged)
        {
            // A session without one of its stanzas would have a gap.
            if (!XmppParser.TryParse(one.Stanza, out var stanza, out _)) return null;
            sent.Add(new SentStanza(OutboundFrame.Stanza(stanza), DateTimeOffset.FromUnixTimeMilliseconds(one.SentMilliseconds), null));
        }

        // A node that was killed while it served the session could not write how long the session waits: the wait begins now.
        var waits = saved.WaitsUntilMilliseconds == 0 ? hibernationTime : DateTimeOffset.FromUnixTimeMilliseconds(saved.WaitsUntilMilliseconds) - now.Utc;
        var session = new XmppSession(SessionInfo.Of(jid, saved.Queue) with { Context = saved.Context }, router, hibernationTime)
        {
            AskedAt = now.Now - (now.Utc - DateTimeOffset.FromUnixTimeMilliseconds(saved.AskedMilliseconds)),
            IsAttached = false,
            Deadline = now.Now + (waits < hibernationTime ? waits : hibernationTime),
        };
        session._management.Restore(saved.Handled, saved.Acknowledged, sent);
        session._record.Positions.Restore(saved.Positions);
        if (keepsRecord) session._record.Continue(saved.Handled, saved.Acknowledged, sent.Count);
        foreach (var (room, occupant) in saved.Rooms) session._rooms[room] = occupant;
        foreach (var former in saved.Former) session._former.Enqueue((former.Room, former.OccupantJid));
        return session;
    }
}
