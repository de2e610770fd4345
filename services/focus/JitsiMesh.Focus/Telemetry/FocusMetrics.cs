using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using JitsiMesh.Focus.Conferences;

namespace JitsiMesh.Focus.Telemetry;

/// <summary>What the focus counts, for Prometheus and for <c>/stats</c>.</summary>
public sealed class FocusMetrics : IDisposable
{
    public const string MeterName = "JitsiMesh.Focus";

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _calls;
    private readonly Histogram<double> _callSeconds;
    private readonly ConcurrentDictionary<ConferenceEvent, long> _totals = new();
    private long _conferencesCreated;
    private Func<FocusTotals> _totalsNow = () => default;

    public FocusMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _events = _meter.CreateCounter<long>("focus.events", description: "What happened in conferences, by event");
        _refusals = _meter.CreateCounter<long>("focus.jingle.refusals", description: "Jingle requests of participants that were answered with an error, by its condition");
        _calls = _meter.CreateCounter<long>("focus.bridge.calls", description: "Calls to bridges, by outcome");
        _callSeconds = _meter.CreateHistogram<double>("focus.bridge.call.duration", "s");
        _meter.CreateObservableGauge("focus.conferences", () => _totalsNow().Conferences);
        _meter.CreateObservableGauge("focus.participants", () => _totalsNow().Participants);
        _meter.CreateObservableGauge("focus.largest_conference", () => _totalsNow().LargestConference);
    }

    public long ConferencesCreated => Interlocked.Read(ref _conferencesCreated);

    public long this[ConferenceEvent what] => _totals.GetValueOrDefault(what);

    public void Observe(Func<FocusTotals> totals) => _totalsNow = totals;

    public void Created() => Interlocked.Increment(ref _conferencesCreated);

    public void Count(ConferenceEvent what, int count)
    {
        _totals.AddOrUpdate(what, count, (_, present) => present + count);
        _events.Add(count, new KeyValuePair<string, object?>("event", what.ToString()));
    }

    /// <param name="condition">One of RFC 6120's conditions.</param>
    public void JingleRefused(string condition) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", condition));

    public void Called(string outcome, TimeSpan duration)
    {
        _calls.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _callSeconds.Record(duration.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}

public readonly record struct FocusTotals(int Conferences, int Participants, int LargestConference);
