using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Headless.Media;

/// <summary>Transport-wide feedback as a browser sends it: every 50 ms, for the packets since the last feedback. Written independently of the bridge's code.</summary>
internal sealed class ArrivalReports
{
    private const int MaxNumbers = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly SortedDictionary<long, long> _arrivals = [];
    private SequenceUnwrapper _unwrapper;
    private long _next = -1;
    private byte _count;
    private MonotonicTime _last;

    public void OnPacket(ushort number, MonotonicTime now)
    {
        var unrolled = _unwrapper.Unwrap(number);
        if (_next < 0) _next = unrolled;
        if (unrolled < _next - MaxNumbers) return;
        if (_arrivals.Count < MaxNumbers) _arrivals.TryAdd(unrolled, now.TotalMicroseconds / 250);
    }

    public int Build(Span<byte> destination, uint senderSsrc, uint mediaSsrc, MonotonicTime now)
    {
        if (_arrivals.Count == 0 || now - _last < Interval) return 0;
        _last = now;
        var start = Math.Min(_next, _arrivals.First().Key);
        var end = _arrivals.Last().Key + 1;
        start = Math.Max(start, end - MaxNumbers);
        var window = new long[end - start];
        for (var i = 0; i < window.Length; i++) window[i] = _arrivals.GetValueOrDefault(start + i, TransportFeedbackWriter.NotReceived);
        var covered = TransportFeedbackWriter.Write(destination, senderSsrc, mediaSsrc, _count++, (ushort)start, window, out var written);
        _next = start + covered;
        foreach (var number in _arrivals.Keys.Where(k => k < _next).ToArray()) _arrivals.Remove(number);
        return written;
    }
}
