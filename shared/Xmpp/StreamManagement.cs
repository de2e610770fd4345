namespace JitsiMesh.Xmpp;

/// <summary>What came of an acknowledgement (XEP-0198 section 4).</summary>
public enum AcknowledgeOutcome
{
    Accepted,

    /// <summary>The peer claims more than was sent; the stream cannot go on (XEP-0198 section 4, handled-count-too-high).</summary>
    TooHigh,

    /// <summary>Lower than an earlier one. The stanzas are gone, so nothing can be done but to ignore it.</summary>
    Backwards,
}

/// <summary>
/// The counters and the queue of one side of stream management (XEP-0198): what was handled of the peer's stanzas, what was sent and
/// not yet acknowledged. Counting begins with <see cref="Enable"/>; only iq, presence and message count. Counters wrap at 2^32.
/// </summary>
/// <typeparam name="T">What is kept of a sent stanza until it is acknowledged.</typeparam>
/// <param name="size">What one of them takes, for <see cref="StreamManagement{T}.UnacknowledgedSize"/>; nothing when null.</param>
public sealed class StreamManagement<T>(Func<T, int>? size = null)
{
    private readonly Queue<T> _unacknowledged = new();
    private uint _acknowledged;
    private int _sentSinceRequest;
    private bool _requestOutstanding;

    public bool Enabled { get; private set; }

    /// <summary>The id with which the stream may be resumed, or null where it may not.</summary>
    public string? ResumeId { get; private set; }

    /// <summary>h: how many stanzas of the peer were handled.</summary>
    public uint Handled { get; private set; }

    /// <summary>Oldest first.</summary>
    public IEnumerable<T> Unacknowledged => _unacknowledged;

    public int UnacknowledgedCount => _unacknowledged.Count;

    /// <summary>The sizes of what is not acknowledged, together.</summary>
    public long UnacknowledgedSize { get; private set; }

    /// <param name="resumeId">The id for a later resume, or null to count only.</param>
    public void Enable(string? resumeId)
    {
        Enabled = true;
        ResumeId = resumeId;
        Handled = 0;
        _acknowledged = 0;
        _unacknowledged.Clear();
        UnacknowledgedSize = 0;
        _sentSinceRequest = 0;
        _requestOutstanding = false;
    }

    /// <summary>The peer's stanza was taken in hand.</summary>
    public void CountHandled()
    {
        if (Enabled) Handled++;
    }

    /// <summary>A stanza goes to the peer. Does nothing before <see cref="Enable"/>.</summary>
    public void Sent(T stanza)
    {
        if (!Enabled) return;
        _unacknowledged.Enqueue(stanza);
        UnacknowledgedSize += SizeOf(stanza);
        _sentSinceRequest++;
    }

    /// <summary>True when an <c>&lt;r/&gt;</c> is due: <paramref name="every"/> stanzas went out since the last, and that one was answered. Says so once.</summary>
    public bool TakeRequest(int every)
    {
        if (!Enabled || _requestOutstanding || _sentSinceRequest < every) return false;
        _requestOutstanding = true;
        _sentSinceRequest = 0;
        return true;
    }

    /// <summary>The peer's <c>&lt;a h=…/&gt;</c>.</summary>
    public AcknowledgeOutcome Acknowledge(uint h)
    {
        _requestOutstanding = false;
        var count = h - _acknowledged;
        if (count > (uint)_unacknowledged.Count) return count > int.MaxValue ? AcknowledgeOutcome.Backwards : AcknowledgeOutcome.TooHigh;
        for (var i = 0u; i < count; i++) UnacknowledgedSize -= SizeOf(_unacknowledged.Dequeue());
        _acknowledged = h;
        return AcknowledgeOutcome.Accepted;
    }

    private int SizeOf(T stanza) => size?.Invoke(stanza) ?? 0;

    /// <summary>
    /// The peer resumes and has handled <paramref name="h"/> stanzas: acknowledges them and hands out the rest, oldest first, to be sent
    /// again. They stay in the queue until acknowledged.
    /// </summary>
    public AcknowledgeOutcome Resume(uint h, out IReadOnlyList<T> missed)
    {
        var outcome = Acknowledge(h);
        missed = outcome == AcknowledgeOutcome.Accepted ? [.. _unacknowledged] : [];
        // What is sent again counts towards the next request; the old request died with the old connection.
        _sentSinceRequest = missed.Count;
        return outcome;
    }
}
