using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace JitsiMesh.Auth.Tests.Oidc.Kit;

/// <summary>Hears what the service counts.</summary>
internal sealed class Outcomes : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public Outcomes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "jitsimesh.auth.admissions") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                // Logins of another kind are counted by tests of another kind, at the same time.
                if (name == "outcome" && value is string outcome && outcome.StartsWith("oidc_", StringComparison.Ordinal)) _counts.AddOrUpdate(outcome, count, (_, sum) => sum + count);
            }
        });
        _listener.Start();
    }

    public long this[string outcome] => _counts.GetValueOrDefault(outcome);

    public long Sum => _counts.Values.Sum();

    public IEnumerable<KeyValuePair<string, long>> All => _counts.OrderBy(c => c.Key, StringComparer.Ordinal);

    public void Dispose() => _listener.Dispose();
}

/// <summary>The counter is one for the process: these tests take turns.</summary>
[CollectionDefinition(Name)]
public sealed class OidcTurns
{
    public const string Name = "OpenID logins";
}
