using System.Buffers;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>What became of a request.</summary>
internal enum BoshTaken
{
    /// <summary>It is answered, or will be.</summary>
    Taken,

    /// <summary>Its number is neither the next nor one whose answer is still known: the sender gets item-not-found. The session continues, because a stranger must not end it.</summary>
    OutsideWindow,

    /// <summary>It fetched the last word of the session, which is over with it.</summary>
    LastWord,
}

/// <summary>
/// The order of requests and answers in one session (XEP-0124 sections 9, 14, 15): what comes is handled by number, one request is held until something is for the client, and an answer that was
/// lost is given again. Time is an argument and nothing waits here; its driver lets in one call at a time.
/// </summary>
/// <param name="attributes">Of the first answer.</param>
/// <param name="wait">How long a request is held; zero for a client that asks again and again.</param>
/// <param name="hold">How many requests are held: one, or none.</param>
/// <param name="now">The time.</param>
internal sealed class BoshSession(string attributes, TimeSpan wait, int hold, MonotonicTime now)
{
    private readonly List<BoshRequest> _open = [];
    private readonly Queue<(long Rid, ReadOnlyMemory<byte> Body)> _answered = new();
    private readonly TokenBucket _rate = new(BoshLimits.RequestsPerSecond, BoshLimits.RequestBurst);
    private ArrayBufferWriter<byte> _outgoing = new(256);
    private string _attributes = attributes;
    private BoshRequest? _ahead;
    private BoshRequest? _handling;
    private long? _last;
    private MonotonicTime? _idleSince = now;
    private ReadOnlyMemory<byte>? _lastWord;

    /// <summary>No request has been open for too long: the client is gone.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>It has ended, and says no more than its last word.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Somebody waits for an answer.</summary>
    public bool Holds => _open.Exists(request => request.Waiter is not null);

    /// <summary>Octets that wait for an answer.</summary>
    public int Waiting => _outgoing.WrittenCount;

    /// <summary>Octets that are kept of answers which were given.</summary>
    public int KeptOctets => _answered.Sum(answer => answer.Body.Length);

    /// <summary>When <see cref="Look"/> has something to do.</summary>
    public MonotonicTime Due { get; private set; } = now + BoshLimits.Inactivity;

    /// <summary>The only open request has lost its connection: its client sends it again, or nothing any more.</summary>
    private bool IsLostAlone => _open is [{ Waiter: null }];

    public BoshTaken Take(BoshRequest request, MonotonicTime now)
    {
        if (IsEnded)
        {
            if (_lastWord is not { } word) return BoshTaken.OutsideWindow;
            _lastWord = null;
            request.Waiter?.Answer(word);
            return BoshTaken.LastWord;
        }

        _last ??= request.Rid - 1;
        if (request.Rid <= _last) return TakeAgain(request, now);
        if (request.Rid > _last + BoshLimits.Requests) return BoshTaken.OutsideWindow;
        _rate.Take(1, now);
        if (request.Rid == _last + 1)
        {
            Accept(request, now);
            if (_ahead is { } next && next.Rid == _last + 1)
            {
                _ahead = null;
                Accept(next, now);
            }
        }
        else
        {
            // The one before is still on its way.
            _ahead?.Waiter?.Answer(BoshAnswers.SentAgain);
            _ahead = request;
        }

        Look(now);
        return BoshTaken.Taken;
    }

    /// <summary>The next thing that the client says; false when there is none yet. What was taken before counts as handled.</summary>
    public bool TryTakeInput(int maximum, MonotonicTime now, out ClientInput input)
    {
        while (true)
        {
            _handling ??= _open.Find(request => !request.IsHandled);
            if (_handling is null)
            {
                input = new ClientInput(ClientInputKind.Closed, 0);
                return IsAbandoned;
            }

            if (_handling.TryTake(maximum, out input)) return true;
            _handling.IsHandled = true;
            _handling = null;
            Look(now);
        }
    }

    /// <summary>Octets for the client; they go out with the next <see cref="Look"/> that finds a request open.</summary>
    public void Send(ReadOnlySpan<byte> octets) => _outgoing.Write(octets);

    /// <summary>The client of a request has gone away.</summary>
    public void Leave(BoshWaiter waiter, MonotonicTime now)
    {
        if (_open.Find(request => request.Waiter == waiter) is { } open) open.Waiter = null;
        if (_ahead?.Waiter == waiter) _ahead = null;
        Look(now);
    }

    /// <summary>Answers what is to be answered now.</summary>
    public void Look(MonotonicTime now)
    {
        if (IsEnded) return;
        var rest = _rate.Wait(now);
        while (_open.Count > 0 && rest == TimeSpan.Zero)
        {
            // A request whose words are not handled yet is not answered: a client cannot send more than it may have open.
            var oldest = _open[0];
            if (!oldest.IsHandled || IsLostAlone) break;
            var hasPayload = _outgoing.WrittenCount > 0 && oldest.Waiter is not null;

            // The first answer says what is offered, and is waited for.
            var isDue = now - oldest.Since >= wait && (_attributes.Length == 0 || now - oldest.Since >= BoshLimits.Wait);
            if (!hasPayload && !isDue && (_open.Count <= hold || _attributes.Length > 0)) break;
            Answer(oldest, hasPayload);
        }

        if (Holds) _idleSince = null;
        else _idleSince ??= now;
        if (_idleSince is { } since && now - since >= BoshLimits.Inactivity) IsAbandoned = true;
        Due = NextDue(now, rest);
    }

    /// <summary>Tells the client that the session is over: by an open request, else by the next one.</summary>
    /// <param name="condition">Of XEP-0124 section 17.2; null where the client has ended it.</param>
    /// <returns>Whether the client has been told.</returns>
    public bool End(string? condition)
    {
        if (IsEnded) return _lastWord is null;
        IsEnded = true;
        var word = BoshAnswers.Terminated(condition, _attributes, _outgoing.WrittenSpan);
        _outgoing = new ArrayBufferWriter<byte>();
        var told = false;
        foreach (var request in _open)
        {
            if (request.Waiter is not { } waiter) continue;
            waiter.Answer(told ? BoshAnswers.Terminated(condition) : word);
            told = true;
        }

        _ahead?.Waiter?.Answer(BoshAnswers.Terminated(condition));
        _ahead = null;
        _handling = null;
        _open.Clear();
        _answered.Clear();
        if (!told) _lastWord = word;
        return told;
    }

    private BoshTaken TakeAgain(BoshRequest request, MonotonicTime now)
    {
        var at = _open.FindIndex(open => open.Rid == request.Rid);
        if (at >= 0)
        {
            // Its words are handled once; the newer connection gets the answer.
            _rate.Take(1, now);
            _open[at].Waiter?.Answer(BoshAnswers.SentAgain);
            _open[at].Waiter = request.Waiter;
            Look(now);
            return BoshTaken.Taken;
        }

        foreach (var (rid, body) in _answered)
        {
            if (rid != request.Rid) continue;
            _rate.Take(1, now);
            request.Waiter?.Answer(body);
            Look(now);
            return BoshTaken.Taken;
        }

        return BoshTaken.OutsideWindow;
    }

    private void Accept(BoshRequest request, MonotonicTime now)
    {
        _last = request.Rid;
        request.Since = now;
        _open.Add(request);
        // Who sends this one has the answers to those that it could not have had open beside it.
        while (_answered.TryPeek(out var oldest) && oldest.Rid <= request.Rid - BoshLimits.Requests) _answered.Dequeue();
    }

    private void Answer(BoshRequest request, bool withPayload)
    {
        var body = BoshAnswers.Payload(_attributes, withPayload ? _outgoing.WrittenSpan : default);
        _attributes = "";
        if (withPayload)
        {
            if (_outgoing.Capacity > BoshLimits.KeptOctets) _outgoing = new ArrayBufferWriter<byte>(256);
            else _outgoing.ResetWrittenCount();
        }

        _open.Remove(request);
        _answered.Enqueue((request.Rid, body));
        while (_answered.Count > BoshLimits.Requests) _answered.Dequeue();
        request.Waiter?.Answer(body);
    }

    private MonotonicTime NextDue(MonotonicTime now, TimeSpan rest)
    {
        if (IsAbandoned) return MonotonicTime.Never;
        var due = _idleSince is { } since ? since + BoshLimits.Inactivity : MonotonicTime.Never;
        if (_open.Count == 0 || !_open[0].IsHandled || IsLostAlone) return due;
        var next = rest > TimeSpan.Zero ? now + rest : _open[0].Since + (_attributes.Length > 0 ? BoshLimits.Wait : wait);
        return next < due ? next : due;
    }
}
