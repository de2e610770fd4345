using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>The status of one packet in a transport-wide feedback.</summary>
/// <param name="SequenceNumber">The transport-wide sequence number.</param>
/// <param name="Received">False: not arrived in time.</param>
/// <param name="ArrivalTicks">The arrival in 250 µs ticks on the receiver's own clock (base time included); 0 when not received.</param>
public readonly record struct TransportFeedbackStatus(ushort SequenceNumber, bool Received, long ArrivalTicks)
{
    public const int TicksPerMillisecond = 4;

    public long ArrivalMicroseconds => ArrivalTicks * 250;
}

/// <summary>
/// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), FMT 15 of type 205:
/// <code>
/// |      base sequence number     |      packet status count      |
/// |                 reference time                | fb pkt. count |
/// |          packet chunk         |         packet chunk          |
/// |         packet chunk          |  recv delta   |  recv delta   |
/// </code>
/// The reference time is signed, in 64 ms; deltas are in 250 µs, one byte unsigned or two bytes signed.
/// </summary>
public readonly ref struct TransportFeedbackView
{
    private readonly ReadOnlySpan<byte> _chunks;
    private readonly int _deltasOffset;

    private TransportFeedbackView(scoped in RtcpPacketView packet, int deltasOffset)
    {
        SenderSsrc = packet.SenderSsrc;
        MediaSsrc = packet.MediaSsrc;
        var control = packet.FeedbackControl;
        BaseSequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(control);
        StatusCount = BinaryPrimitives.ReadUInt16BigEndian(control[2..]);
        ReferenceTime = (int)BinaryPrimitives.ReadUInt32BigEndian(control[4..]) >> 8;
        FeedbackCount = control[7];
        _chunks = control[8..];
        _deltasOffset = deltasOffset;
    }

    public uint SenderSsrc { get; }

    public uint MediaSsrc { get; }

    public ushort BaseSequenceNumber { get; }

    public int StatusCount { get; }

    /// <summary>Signed, in units of 64 ms, of 24 bits: it wraps after 12.4 days.</summary>
    public int ReferenceTime { get; }

    /// <summary>Counts feedback packets, so that the sender of media can detect a lost one.</summary>
    public byte FeedbackCount { get; }

    public TransportFeedbackEnumerator Statuses => new(BaseSequenceNumber, StatusCount, ReferenceTime, _chunks, _deltasOffset);

    /// <summary>Validates the whole packet: after this the statuses can be read without errors.</summary>
    public static bool TryParse(scoped in RtcpPacketView packet, out TransportFeedbackView feedback)
    {
        feedback = default;
        if (packet.Kind != RtcpKind.TransportFeedback) return false;
        var control = packet.FeedbackControl;
        if (control.Length < 8) return false;
        var count = BinaryPrimitives.ReadUInt16BigEndian(control[2..]);
        if (count is 0 or > RtpLimits.MaxTransportFeedbackStatuses) return false;

        var chunks = control[8..];
        var position = 0;
        var statuses = 0;
        var deltaBytes = 0;
        while (statuses < count)
        {
            if (chunks.Length - position < 2) return false;
            var chunk = new TransportFeedbackChunk(BinaryPrimitives.ReadUInt16BigEndian(chunks[position..]));
            position += 2;
            var symbols = Math.Min(chunk.Count, count - statuses);
            if (chunk.IsRun) deltaBytes += symbols * TransportFeedbackChunk.DeltaLength(chunk.GetSymbol(0));
            else for (var i = 0; i < symbols; i++) deltaBytes += TransportFeedbackChunk.DeltaLength(chunk.GetSymbol(i));
            statuses += symbols;
            if (chunk.Count == 0) return false;
        }

        if (deltaBytes > chunks.Length - position) return false;
        feedback = new TransportFeedbackView(packet, position);
        return true;
    }
}

/// <summary>
/// A packet chunk (sections 3.1.3 and 3.1.4): <c>|0|S S|run length (13)|</c>, or <c>|1|0|14 one-bit symbols|</c>, or <c>|1|1|7 two-bit symbols|</c>.
/// </summary>
internal readonly struct TransportFeedbackChunk(ushort value)
{
    public const int NotReceived = 0;
    public const int SmallDelta = 1;
    public const int LargeDelta = 2;

    public bool IsRun => (value & 0x8000) == 0;

    public int Count => IsRun ? value & 0x1FFF : (value & 0x4000) == 0 ? 14 : 7;

    public int GetSymbol(int index)
    {
        if (IsRun) return (value >> 13) & 3;
        return (value & 0x4000) == 0 ? (value >> (13 - index)) & 1 : (value >> (12 - (2 * index))) & 3;
    }

    // Symbol 3 is reserved; by the draft it has no delta.
    public static int DeltaLength(int symbol) => symbol switch
    {
        SmallDelta => 1,
        LargeDelta => 2,
        _ => 0,
    };
}

/// <summary>Iterates over the statuses of a validated feedback packet, in sequence order.</summary>
public ref struct TransportFeedbackEnumerator
{
    private readonly ReadOnlySpan<byte> _data;
    private int _chunkPosition;
    private int _deltaPosition;
    private int _left;
    private int _symbol;
    private TransportFeedbackChunk _chunk;
    private ushort _next;
    private long _time;

    internal TransportFeedbackEnumerator(ushort baseSequence, int count, int referenceTime, ReadOnlySpan<byte> data, int deltasOffset)
    {
        _data = data;
        _deltaPosition = deltasOffset;
        _left = count;
        _next = baseSequence;
        _time = referenceTime * 256L;
    }

    public TransportFeedbackStatus Current { get; private set; }

    public readonly TransportFeedbackEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_left == 0) return false;
        if (_chunkPosition == 0 || _symbol == _chunk.Count)
        {
            _chunk = new TransportFeedbackChunk(BinaryPrimitives.ReadUInt16BigEndian(_data[_chunkPosition..]));
            _chunkPosition += 2;
            _symbol = 0;
        }

        var symbol = _chunk.GetSymbol(_symbol++);
        var received = true;
        switch (symbol)
        {
            case TransportFeedbackChunk.SmallDelta:
                _time += _data[_deltaPosition++];
                break;
            case TransportFeedbackChunk.LargeDelta:
                _time += BinaryPrimitives.ReadInt16BigEndian(_data[_deltaPosition..]);
                _deltaPosition += 2;
                break;
            default:
                received = false;
                break;
        }

        Current = new TransportFeedbackStatus(_next++, received, received ? _time : 0);
        _left--;
        return true;
    }
}
