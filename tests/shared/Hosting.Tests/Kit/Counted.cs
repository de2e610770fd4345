using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace JitsiMesh.Hosting.Tests.Kit;

/// <summary>Sums the counters of JitsiMesh.Hosting during its lifetime, by name and by the value of their tag.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new(StringComparer.Ordinal);

    public Counted()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "JitsiMesh.Hosting") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = tags.Length == 0 ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
            _sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        });
        _listener.Start();
    }

    public long this[string name] => _sums.GetValueOrDefault(name);

    public override string ToString() => string.Join(", ", _sums.Select(pair => $"{pair.Key}={pair.Value}"));

    public void Dispose() => _listener.Dispose();
}
