using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls;

/// <summary>
/// Moves OpenSSL's retransmission from its own clock (gettimeofday) to <see cref="MonotonicTime"/>.
/// OpenSSL asks a callback for the length of each timer. For a new flight's timer the callback returns 1 microsecond. OpenSSL finds that timer expired the next
/// time it checks, in the same call, before it asks for input: so it writes the flight again at once, with new record sequence numbers, and asks for the next
/// duration; after <see cref="DtlsLimits.MaxRetransmissions"/> copies the callback returns an hour, and OpenSSL's clock has no further effect.
/// The copies are kept here and are sent one by one at the doubling deadlines of RFC 6347 section 4.2.4.1.
/// </summary>
internal sealed class FlightRetransmission(TimeSpan initialWait, Func<int> bytesWritten)
{
    internal const uint NeverMicroseconds = 3_600_000_000;
    private const uint AtOnceMicroseconds = 1;

    private readonly List<(int Offset, bool IsCopy)> _marks = new(DtlsLimits.MaxRetransmissions + 1);
    private readonly Queue<List<byte[]>> _copies = new(DtlsLimits.MaxRetransmissions);
    private int _copiesOfFlight;
    private TimeSpan _wait;

    internal MonotonicTime Deadline { get; private set; } = MonotonicTime.Never;

    /// <param name="current">0 when a timer starts for a new flight; else the duration that expired.</param>
    internal uint OnOpenSslTimer(uint current)
    {
        if (current == 0)
        {
            _marks.Add((bytesWritten(), false));
            _copiesOfFlight = 0;
            return AtOnceMicroseconds;
        }

        _marks.Add((bytesWritten(), true));
        return ++_copiesOfFlight < DtlsLimits.MaxRetransmissions ? AtOnceMicroseconds : NeverMicroseconds;
    }

    /// <summary>Splits the output of one call: datagrams to send now are added to <paramref name="live"/>, copies stay here until their deadlines.</summary>
    internal void Sort(ReadOnlySpan<byte> written, int mtu, bool timerRuns, MonotonicTime now, List<byte[]> live)
    {
        var newFlight = false;
        var start = 0;
        var isCopy = false;
        for (var i = 0; i <= _marks.Count; i++)
        {
            var end = i < _marks.Count ? _marks[i].Offset : written.Length;
            if (isCopy)
            {
                var copy = new List<byte[]>(2);
                RecordPacker.Pack(written[start..end], mtu, copy, live);
                if (copy.Count > 0) _copies.Enqueue(copy);
            }
            else
            {
                RecordPacker.Pack(written[start..end], mtu, live, live);
            }

            if (i == _marks.Count) break;
            start = end;
            isCopy = _marks[i].IsCopy;
            if (!isCopy)
            {
                newFlight = true;
                _copies.Clear();
            }
        }

        _marks.Clear();
        if (!timerRuns)
        {
            Stop();
        }
        else if (newFlight)
        {
            _wait = initialWait;
            Deadline = now + _wait;
        }
    }

    /// <summary>The next copy when it is due. OpenSSL keeps the last flight itself and answers a repeated one without a timer.</summary>
    internal List<byte[]>? TakeDue(MonotonicTime now)
    {
        if (now < Deadline || !_copies.TryDequeue(out var copy)) return null;
        _wait += _wait;
        Deadline = _copies.Count == 0 ? MonotonicTime.Never : now + _wait;
        return copy;
    }

    internal void Stop()
    {
        _copies.Clear();
        Deadline = MonotonicTime.Never;
    }
}
