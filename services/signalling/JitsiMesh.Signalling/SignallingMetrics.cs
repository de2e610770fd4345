using System.Diagnostics.Metrics;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling;

/// <summary>What this service counts; meter JitsiMesh.Signalling.</summary>
public sealed class SignallingMetrics : IDisposable
{
    private readonly Meter _meter = new("JitsiMesh.Signalling");
    private readonly Counter<long> _socketsClosed;
    private readonly Counter<long> _sessionsEnded;
    private readonly Counter<long> _refused;

    public SignallingMetrics()
    {
        _socketsClosed = _meter.CreateCounter<long>("signalling.sockets.closed", description: "Sockets that ended, by reason");
        _sessionsEnded = _meter.CreateCounter<long>("signalling.sessions.ended", description: "Sessions that ended, by reason");
        _refused = _meter.CreateCounter<long>("signalling.refused", description: "What was refused or dropped, by reason");
        Received = _meter.CreateCounter<long>("signalling.frames.received", description: "Frames from clients");
        Delivered = _meter.CreateCounter<long>("signalling.frames.delivered", description: "Frames for clients");
        StoreFailures = _meter.CreateCounter<long>("signalling.store.failures", description: "Writes of room state that failed and are tried again");
    }

    public Counter<long> Received { get; }

    public Counter<long> Delivered { get; }

    public Counter<long> StoreFailures { get; }

    public void SocketClosed(SessionEndReason reason) => _socketsClosed.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void SessionEnded(SessionEndReason reason) => _sessionsEnded.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Gauges of a state that somebody else keeps.</summary>
    public void Observe(string name, string description, Func<long> value) => _meter.CreateObservableGauge(name, value, description: description);

    public void Dispose() => _meter.Dispose();
}
