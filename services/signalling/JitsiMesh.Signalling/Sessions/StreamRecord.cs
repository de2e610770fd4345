using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// Keeps the record of a session's stream in step with the stream (docs/decisions/0017). Stanzas of rooms stand in the node's link queue until the client has acknowledged them or the record has them. What
/// stands in no queue (answers of the node, the count of handled stanzas) waits here until the record has it: otherwise a next node could not know that the client has it. For one caller at a time.
/// </summary>
internal sealed class StreamRecord
{
    private readonly Queue<(OutboundFrame Frame, long Version)> _held = new();
    private List<SharedReceipt> _covered = [];
    private long _version = 1;
    private long _written;
    private uint _writtenHandled;
    private uint _stored;
    private uint _covers;
    private uint _acknowledged;
    private uint _settled;
    private int _effects;
    private bool _isLater;
    private bool _isDue;
    private bool _isUrgent;
    private bool _isPressing;
    private bool _isStoreAway;
    private bool _hasCard;

    /// <summary>Whether the session has a record at all.</summary>
    public bool IsOn { get; private set; }

    public LinkPositions Positions { get; } = new();

    /// <summary>Begins a record. All that is unacknowledged is to be written.</summary>
    public void Begin(uint acknowledged, SessionOutputs outputs)
    {
        Reset(acknowledged);
        _version++;
        Hurry(outputs);
    }

    private void Reset(uint acknowledged)
    {
        (IsOn, _hasCard, _stored, _covers, _acknowledged) = (true, false, acknowledged, acknowledged, acknowledged);
        (_isLater, _isDue, _isUrgent, _isStoreAway) = (false, false, false, false);
    }

    /// <summary>Goes on with a record that another node has written and that holds all unacknowledged stanzas.</summary>
    public void Continue(uint handled, uint acknowledged, int unacknowledged)
    {
        Reset(acknowledged);
        (_hasCard, _writtenHandled, _stored) = (true, handled, acknowledged + (uint)unacknowledged);
        (_covers, _written) = (_stored, _version);
    }

    /// <summary>There is no record any more: nothing waits for it. The envelopes of unacknowledged stanzas are released, and those stanzas are written whole should a record begin again.</summary>
    public void Stop(IEnumerable<SentStanza> unacknowledged, SessionOutputs? outputs)
    {
        if (!IsOn) return;
        var number = _acknowledged;
        foreach (var sent in unacknowledged)
        {
            Cover(++number, sent);
        }

        foreach (var receipt in _covered) receipt.Complete();
        _covered = [];
        IsOn = false;
        if (outputs is not null) Flush(outputs);
        _held.Clear();
    }

    /// <summary>False for a stanza that the record has already: it came again after the node before had died.</summary>
    public bool IsNew(LinkOrigin origin) => !Positions.Covers(origin);

    /// <summary>The client has acknowledged the oldest stanza.</summary>
    public void Acknowledged(SentStanza sent)
    {
        _acknowledged++;
        if (IsOn) Cover(_acknowledged, sent);
    }

    public void Changed(SessionOutputs outputs)
    {
        _version++;
        if (!IsOn || _isDue) return;
        _isDue = true;
        outputs.Do(RecordDue.Soon);
    }

    /// <summary>A stanza has come that stands in the node's queue.</summary>
    public void Delivered(SessionOutputs outputs)
    {
        if (!IsOn || _isLater) return;
        _isLater = true;
        outputs.Do(RecordDue.Later);
    }

    /// <summary>Sends a frame to the client, behind those that wait.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="needsRecord">The client may not have it before the record is as new as it is now.</param>
    /// <param name="outputs">Frames and effects.</param>
    public void Send(OutboundFrame frame, bool needsRecord, SessionOutputs outputs)
    {
        if (!IsOn || _isStoreAway || (_held.Count == 0 && !(needsRecord && _written < _version)))
        {
            outputs.Send(frame);
            return;
        }

        _held.Enqueue((frame, needsRecord ? _version : 0));
        if (needsRecord) Hurry(outputs);
    }

    /// <summary>Whether the client may not be told yet that so many of its stanzas were handled.</summary>
    public bool Owes(uint handled) => IsOn && handled != _writtenHandled;

    /// <summary>A stanza of the client was counted whose effects are not done yet: until then the record does not count it, for the count would be ahead of what the rooms know.</summary>
    /// <param name="handled">The count with that stanza.</param>
    public void BeginEffects(uint handled)
    {
        if (_effects++ == 0) _settled = handled - 1;
    }

    public void EndEffects(SessionOutputs outputs)
    {
        _effects--;
        if (!IsOn) return;
        Changed(outputs);
        if (_held.Count > 0 || _isPressing) Hurry(outputs);
    }

    /// <summary>No socket any more: what waited to be sent is among the unacknowledged.</summary>
    public void DropHeld() => _held.Clear();

    /// <summary>Sends all that waits, come what may.</summary>
    public void Flush(SessionOutputs outputs)
    {
        while (_held.TryDequeue(out var one)) outputs.Send(one.Frame);
    }

    /// <summary>What is to be written now; null while effects are under way, after which it is due again.</summary>
    /// <param name="unacknowledged">Oldest first.</param>
    /// <param name="describe">The session without them.</param>
    /// <param name="now">The time.</param>
    /// <param name="whole">Also what may be acknowledged any moment.</param>
    public SessionUpdate? Take(IEnumerable<SentStanza> unacknowledged, Func<SavedSession> describe, MeshInstant now, bool whole)
    {
        (_isLater, _isDue, _isUrgent) = (false, false, false);
        if (!IsOn) return null;
        if (_effects > 0) return _isPressing ? TakePart(describe()) : null;
        _isPressing = false;
        var before = _stored;
        if (IsBeyond(_acknowledged, _stored)) _stored = _acknowledged;
        var first = _stored + 1;
        var until = LastToStore(unacknowledged, now, whole);
        var fresh = new List<SavedStanza>();
        var (number, hasRest) = (_acknowledged, false);
        foreach (var sent in unacknowledged)
        {
            if (!IsBeyond(++number, _stored)) continue;
            if (hasRest = IsBeyond(number, until)) break;
            fresh.Add(sent.Save());
            Cover(number, sent);
        }

        _stored += (uint)fresh.Count;
        var receipts = _covered;
        _covered = [];
        _isLater = hasRest;
        // After the positions of what it covers.
        return new SessionUpdate { Version = _version, Session = describe(), HasCard = !_hasCard, First = first, Fresh = fresh, HasRest = hasRest, StoredBefore = before, Receipts = receipts };
    }

    // In the middle of a stanza: what it has changed of the session's rooms, and neither its count nor any answer to it.
    private SessionUpdate TakePart(SavedSession session) => new()
    {
        Version = _written,
        Session = session with { Handled = _settled },
        HasCard = !_hasCard,
        First = _stored + 1,
        Fresh = [],
        HasRest = false,
        StoredBefore = _stored,
    };

    public void Written(SessionUpdate update, SessionOutputs outputs)
    {
        foreach (var receipt in update.Receipts) receipt.Complete();
        if (!IsOn) return;
        (_hasCard, _isStoreAway) = (true, false);
        _written = update.Version;
        _writtenHandled = update.Session.Handled;
        while (_held.TryPeek(out var one) && one.Version <= _written) outputs.Send(_held.Dequeue().Frame);
        if (_held.Count > 0 && _effects == 0) Hurry(outputs);
    }

    /// <summary>The store does not take it now. The client waits no longer; what is not in the store stays in the queue.</summary>
    public void NotWritten(SessionUpdate update, SessionOutputs outputs)
    {
        if (!IsOn)
        {
            foreach (var receipt in update.Receipts) receipt.Complete();
            return;
        }

        _covered.InsertRange(0, update.Receipts);
        _stored = update.StoredBefore;
        _isStoreAway = true;
        Flush(outputs);
        if (_isDue) return;
        _isDue = true;
        outputs.Do(RecordDue.Soon);
    }

    /// <summary>The card is to be written again.</summary>
    public void CardChanged() => _hasCard = false;

    /// <summary>The record is not to wait for others, nor for what the stanza at hand sets off.</summary>
    public RecordDue Press()
    {
        (_isPressing, _isUrgent) = (true, true);
        return RecordDue.AtOnce;
    }

    private void Hurry(SessionOutputs outputs)
    {
        _isPressing = true;
        if (!IsOn || _isUrgent) return;
        _isUrgent = true;
        outputs.Do(RecordDue.AtOnce);
    }

    // Once each: an update that could not be written brings its stanzas again.
    private void Cover(uint number, SentStanza sent)
    {
        if (!IsBeyond(number, _covers)) return;
        _covers = number;
        if (sent.Origin is not { } origin) return;
        Positions.Advance(origin);
        _covered.Add(origin.Receipt);
    }

    // The record holds an unbroken row of stanzas: one that stands in no queue brings those before it along. So do those whose client has not acknowledged them for a while, so that one client does not keep
    // envelopes for many in the queue.
    private uint LastToStore(IEnumerable<SentStanza> unacknowledged, MeshInstant now, bool whole)
    {
        var (number, last) = (_acknowledged, _stored);
        foreach (var sent in unacknowledged)
        {
            number++;
            if (IsBeyond(number, last) && (whole || sent.Origin is null || now.Utc - sent.At >= SignallingLimits.UnacknowledgedInQueue)) last = number;
        }

        return last;
    }

    // Counters wrap (XEP-0198 section 4).
    private static bool IsBeyond(uint number, uint other) => (int)(number - other) > 0;
}

/// <summary>A stanza that was sent to the client and is not acknowledged.</summary>
/// <param name="Frame">The stanza.</param>
/// <param name="At">When it was sent first.</param>
/// <param name="Origin">The envelope in whose queue it stands too; null for one that the node has made, and where the session has no record.</param>
internal readonly record struct SentStanza(OutboundFrame Frame, DateTimeOffset At, LinkOrigin? Origin)
{
    public int Octets => Frame.Head.Length + (Frame.Tail?.Length ?? 0);

    public SavedStanza Save() => new(Frame.ToText(""), At.ToUnixTimeMilliseconds());
}
