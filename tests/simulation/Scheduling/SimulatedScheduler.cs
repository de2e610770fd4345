using JitsiMesh.Primitives;

namespace JitsiMesh.Simulation.Tests.Scheduling;

/// <summary>Virtual time: events in the order of their time, those of one time in the order of their scheduling. The schedule follows from one seed, and so does the run.</summary>
public sealed class SimulatedScheduler(ulong seed)
{
    // A run with a given seed is debugged, so it keeps more events.
    private static readonly int KeptEvents = Environment.GetEnvironmentVariable("JITSIMESH_SEED") is { Length: > 0 } ? 100_000 : 40;

    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly Queue<(TimeSpan At, Func<string> Text)> _trace = new();
    private readonly SeededRandomSource _random = new(seed);
    private long _order;

    public SimulatedTime Time { get; } = new();

    public IRandomSource Random => _random;

    /// <summary>The last events, oldest first.</summary>
    public IEnumerable<string> Trace => _trace.Select(note => FormattableString.Invariant($"{note.At.TotalSeconds:0.0000} {note.Text()}"));

    public int Steps { get; private set; }

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, ((Time.Elapsed + delay).Ticks, _order++));

    /// <param name="text">Evaluated only if the log is printed.</param>
    public void Note(Func<string> text)
    {
        if (_trace.Count == KeptEvents) _trace.Dequeue();
        _trace.Enqueue((Time.Elapsed, text));
    }

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public int Number(int exclusiveMax) => _random.NextInt(exclusiveMax);

    public TimeSpan Milliseconds(double from, double to) => TimeSpan.FromMilliseconds(from + (_random.NextDouble() * (to - from)));

    public T Pick<T>(IReadOnlyList<T> list) => list[Number(list.Count)];

    public void RunUntil(TimeSpan end)
    {
        while (_events.TryPeek(out var action, out var priority) && priority.Time <= end.Ticks)
        {
            _events.Dequeue();
            Time.Elapsed = TimeSpan.FromTicks(priority.Time);
            Steps++;
            action();
        }

        Time.Elapsed = end;
    }
}
