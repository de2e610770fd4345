namespace JitsiMesh.Xmpp;

/// <summary>The outcome of an acknowledgement (XEP-0198 section 4).</summary>
public enum AcknowledgeOutcome
{
    Accepted,

    /// <summary>The peer acknowledges more than was sent; the stream must end (XEP-0198 section 4, handled-count-too-high).</summary>
    TooHigh,

    /// <summary>Lower than an earlier value. The stanzas are already dropped, so it can only be ignored.</summary>
    Backwards,
}

/// <summary>
/// The counters and the queue of one side of stream management (XEP-0198): the number of the peer's stanzas that were handled, and the sent stanzas that are
/// not yet acknowledged. Counting begins with <see cref="Enable"/>; only iq, presence and message count. Counters wrap at 2^32.
/// </summary>
/// <typeparam name="T">The form in which a sent stanza is kept until it is acknowledged.</typeparam>
/// <param name="size">The size of one, for <see cref="StreamManagement{T}.UnacknowledgedSize"/>; zero if null.</param>
/// <param name="acknowledged">Called for each stanza that the peer acknowledges, oldest first.</param>
public sealed class StreamManagement<T>(Func<T, int>? size = null, Action<T>? acknowledged = null)
{
    private readonly Queue<T> _unacknowledged = new();
    private uint _acknowledged;
    private int _sentSinceRequest;
    private bool _requestOutstanding;

    public bool Enabled { get; private set; }

    /// <summary>The id for resuming the stream, or null if it cannot be resumed.</summary>
    public string? ResumeId { get; private set; }

    /// <summary>h: the number of the peer's stanzas that were handled.</summary>
    public uint Handled { get; private set; }

    /// <summary>How many stanzas the peer has acknowledged.</summary>
    public uint Acknowledged => _acknowledged;

    /// <summary>Oldest first.</summary>
    public IEnumerable<T> Unacknowledged => _unacknowledged;

    public int UnacknowledgedCount => _unacknowledged.Count;

    /// <summary>The total size of the unacknowledged stanzas.</summary>
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

    /// <summary>Continues with the counters of another process.</summary>
    /// <param name="handled">Stanzas of the peer that were handled.</param>
    /// <param name="acknowledged">Stanzas that the peer has acknowledged.</param>
    /// <param name="unacknowledged">The stanzas sent beyond those counters, oldest first.</param>
    public void Restore(uint handled, uint acknowledged, IEnumerable<T> unacknowledged)
    {
        ArgumentNullException.ThrowIfNull(unacknowledged);
        // The id is not stored; the client that resumes sends it.
        Enable("");
        Handled = handled;
        _acknowledged = acknowledged;
        foreach (var stanza in unacknowledged) Sent(stanza);
        _sentSinceRequest = 0;
    }

    /// <summary>The id of a stream that was restored.</summary>
    public void Name(string resumeId) => ResumeId = resumeId;

    /// <summary>Counts a stanza of the peer as handled.</summary>
    public void CountHandled()
    {
        if (Enabled) Handled++;
    }

    /// <summary>Queues a stanza that is sent to the peer. Does nothing before <see cref="Enable"/>.</summary>
    public void Sent(T stanza)
    {
        if (!Enabled) return;
        _unacknowledged.Enqueue(stanza);
        UnacknowledgedSize += SizeOf(stanza);
        _sentSinceRequest++;
    }

    /// <summary>True once when an <c>&lt;r/&gt;</c> is due: <paramref name="every"/> stanzas were sent since the last one, and that one was answered.</summary>
    public bool TakeRequest(int every)
    {
        if (!Enabled || _requestOutstanding || _sentSinceRequest < every) return false;
        _requestOutstanding = true;
        _sentSinceRequest = 0;
        return true;
    }

    /// <summary>Handles the peer's <c>&lt;a h=…/&gt;</c>.</summary>
    public AcknowledgeOutcome Acknowledge(uint h)
    {
        _requestOutstanding = false;
        var count = h - _acknowledged;
        if (count > (uint)_unacknowledged.Count) return count > int.MaxValue ? AcknowledgeOutcome.Backwards : AcknowledgeOutcome.TooHigh;
        for (var i = 0u; i < count; i++)
        {
            var stanza = _unacknowledged.Dequeue();
            UnacknowledgedSize -= SizeOf(stanza);
            acknowledged?.Invoke(stanza);
        }

        _acknowledged = h;
        return AcknowledgeOutcome.Accepted;
    }

    private int SizeOf(T stanza) => size?.Invoke(stanza) ?? 0;

    /// <summary>
    /// The peer resumes and has handled <paramref name="h"/> stanzas: acknowledges these and returns the rest, oldest first, for resending.
    /// They stay in the queue until acknowledged.
    /// </summary>
    public AcknowledgeOutcome Resume(uint h, out IReadOnlyList<T> missed)
    {
        var outcome = Acknowledge(h);
        missed = outcome == AcknowledgeOutcome.Accepted ? [.. _unacknowledged] : [];
        // Resent stanzas count towards the next request; the old request was lost with the old connection.
        _sentSinceRequest = missed.Count;
        return outcome;
    }
}
