using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Headless.Media;

/// <summary>
/// The packets that an endpoint received on one SSRC. They are ordered as in a jitter buffer, missing ones are requested, and frames are checked in order: complete, with
/// consecutive picture ids, starting at a keyframe. A browser needs the same to display them.
/// </summary>
public sealed class ReceivedStream
{
    private const int RingSize = 1024;
    private const int MaxMissing = 100;
    private const int MaxAttempts = 10;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(150);

    private readonly Slot[] _ring = new Slot[RingSize];
    private readonly SortedDictionary<long, (MonotonicTime Next, int Attempts, MonotonicTime Since)> _missing = [];
    private readonly TimeSpan _giveUp;
    private SequenceUnwrapper _unwrapper;
    private long _next = -1;
    private bool _frameOpen;
    private bool _broken = true;
    private int _lastPictureId = -1;
    private uint _lastTimestamp;
    private bool _hasTimestamp;

    internal ReceivedStream(uint ssrc, bool isVideo, MonotonicTime now)
    {
        Ssrc = ssrc;
        IsVideo = isVideo;
        FirstPacket = now;
        Statistics = new ReceptionStatistics(ssrc, isVideo ? 90_000 : 48_000);
        _giveUp = isVideo ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(200);
    }

    public uint Ssrc { get; }

    public bool IsVideo { get; }

    public MonotonicTime FirstPacket { get; }

    public MonotonicTime LastPacket { get; private set; }

    public long Packets { get; private set; }

    public long Bytes { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>Never arrived, not even as a retransmission.</summary>
    public long Lost { get; private set; }

    public long Recovered { get; private set; }

    /// <summary>Older than anything that is still looked at.</summary>
    public long TooLate { get; private set; }

    /// <summary>Complete frames in order.</summary>
    public long Frames { get; private set; }

    public long Keyframes { get; private set; }

    /// <summary>Complete frames that follow a keyframe without a gap: a decoder can display these.</summary>
    public long DecodableFrames { get; private set; }

    /// <summary>Frames whose picture id did not follow that of the previous frame.</summary>
    public long PictureIdGaps { get; private set; }

    /// <summary>Frames that began before the previous one ended.</summary>
    public long TornFrames { get; private set; }

    /// <summary>Frames whose timestamp did not increase.</summary>
    public long TimestampReversals { get; private set; }

    public (int Width, int Height) Size { get; private set; }

    /// <summary>Highest temporal layer in the last keyframe interval.</summary>
    public int HighestTemporalId { get; private set; }

    /// <summary>The level of the last audio packet in -dBov.</summary>
    public byte AudioLevel { get; internal set; }

    /// <summary>Nothing can be displayed before a keyframe arrives.</summary>
    public bool NeedsKeyframe => IsVideo && _broken;

    internal ReceptionStatistics Statistics { get; }

    internal void OnPacket(scoped in RtpPacketView packet, bool recovered, MonotonicTime now)
    {
        LastPacket = now;
        if (!recovered) Statistics.OnPacket(packet.SequenceNumber, packet.Timestamp, now);
        var highest = _unwrapper.Highest;
        var known = _unwrapper.Started;
        var sequence = _unwrapper.Unwrap(packet.SequenceNumber);
        if (!known) _next = sequence;
        if (sequence < _next)
        {
            if (_ring[sequence % RingSize].Sequence == sequence) Duplicates++;
            else TooLate++;
            return;
        }

        ref var slot = ref _ring[sequence % RingSize];
        if (slot.Sequence == sequence)
        {
            Duplicates++;
            return;
        }

        slot = Slot.From(packet, sequence, IsVideo);
        Packets++;
        Bytes += packet.Data.Length;
        if (_missing.Remove(sequence) && recovered) Recovered++;
        if (known && sequence > highest + 1) OnGap(highest + 1, sequence, now);
        Advance();
    }

    /// <summary>Gives up packets that are too old, and collects the numbers to request now.</summary>
    internal int CollectMissing(Span<ushort> numbers, MonotonicTime now)
    {
        while (_missing.Count > 0)
        {
            var (sequence, entry) = _missing.First();
            if (now - entry.Since < _giveUp) break;
            _missing.Remove(sequence);
            Skip(sequence);
        }

        if (!IsVideo) return 0;
        var count = 0;
        foreach (var (sequence, entry) in _missing.ToArray())
        {
            if (count == numbers.Length) break;
            if (entry.Next > now || entry.Attempts == MaxAttempts) continue;
            numbers[count++] = (ushort)sequence;
            _missing[sequence] = (now + RetryInterval, entry.Attempts + 1, entry.Since);
        }

        return count;
    }

    private void OnGap(long first, long end, MonotonicTime now)
    {
        if (end - first >= MaxMissing)
        {
            Lost += end - first;
            _missing.Clear();
            Break();
            _next = end;
            return;
        }

        for (var sequence = first; sequence < end; sequence++) _missing.Add(sequence, (now, 0, now));
    }

    private void Skip(long sequence)
    {
        Lost++;
        if (sequence != _next) return;
        Break();
        _next = sequence + 1;
        Advance();
    }

    private void Break()
    {
        _broken = true;
        _frameOpen = false;
        _lastPictureId = -1;
    }

    private void Advance()
    {
        while (_ring[_next % RingSize].Sequence == _next)
        {
            if (IsVideo) OnOrdered(_ring[_next % RingSize]);
            _next++;
        }
    }

    private void OnOrdered(in Slot slot)
    {
        if (slot.Padding) return;
        if (slot.IsStart)
        {
            if (_frameOpen) TornFrames++;
            _frameOpen = true;
            if (_lastPictureId >= 0 && slot.PictureId != ((_lastPictureId + 1) & 0x7FFF)) PictureIdGaps++;
            if (_hasTimestamp && !SequenceArithmetic.IsNewer(slot.Timestamp, _lastTimestamp)) TimestampReversals++;
            _lastPictureId = slot.PictureId;
            _lastTimestamp = slot.Timestamp;
            _hasTimestamp = true;
            if (slot.IsKeyframe)
            {
                _broken = false;
                Keyframes++;
                HighestTemporalId = 0;
                Size = (slot.Width, slot.Height);
            }

            HighestTemporalId = Math.Max(HighestTemporalId, slot.TemporalId);
        }

        if (!slot.Marker) return;
        if (_frameOpen)
        {
            Frames++;
            if (!_broken) DecodableFrames++;
        }

        _frameOpen = false;
    }

    private struct Slot
    {
        public long Sequence;
        public uint Timestamp;
        public bool Marker;
        public bool Padding;
        public bool IsStart;
        public bool IsKeyframe;
        public int PictureId;
        public int TemporalId;
        public int Width;
        public int Height;

        public static Slot From(scoped in RtpPacketView packet, long sequence, bool isVideo)
        {
            var slot = new Slot { Sequence = sequence, Timestamp = packet.Timestamp, Marker = packet.Marker, Padding = packet.Payload.IsEmpty };
            if (!isVideo || !Vp8Descriptor.TryParse(packet.Payload, out var descriptor)) return slot;
            slot.IsStart = descriptor.IsFrameStart;
            slot.IsKeyframe = descriptor.TryReadKeyframeSize(packet.Payload, out slot.Width, out slot.Height);
            slot.PictureId = descriptor.PictureId;
            slot.TemporalId = descriptor.TemporalId;
            return slot;
        }
    }
}
