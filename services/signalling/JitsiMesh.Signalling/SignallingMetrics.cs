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
    private readonly Counter<long> _reservations;
    private readonly Counter<long> _administration;
    private readonly Counter<long> _banChecks;
    private readonly Counter<long> _outbox;
    private readonly Counter<long> _webhooksSent;
    private readonly Counter<long> _webhooksFailed;
    private readonly Counter<long> _webhooksDropped;

    public SignallingMetrics()
    {
        _socketsClosed = _meter.CreateCounter<long>("signalling.sockets.closed", description: "Sockets that ended, by reason");
        _sessionsEnded = _meter.CreateCounter<long>("signalling.sessions.ended", description: "Sessions that ended, by reason");
        _refused = _meter.CreateCounter<long>("signalling.refused", description: "What was refused or dropped, by reason");
        _reservations = _meter.CreateCounter<long>("signalling.reservations", description: "What the reservation system said, and what became of ended reservations, by outcome");
        _administration = _meter.CreateCounter<long>("signalling.administration", description: "Requests of administration over HTTP, by action and HTTP status");
        _banChecks = _meter.CreateCounter<long>("signalling.ban.checks", description: "What the access manager said of people with tokens, by outcome");
        _outbox = _meter.CreateCounter<long>("signalling.outbox", description: "What became of what systems outside are to be told, by kind, outcome and reason");
        _webhooksSent = _meter.CreateCounter<long>("signalling.webhooks.sent", description: "Events that a receiver has taken, by receiver");
        _webhooksFailed = _meter.CreateCounter<long>("signalling.webhooks.failed", description: "Tries at which a receiver did not take an event, by receiver and reason");
        _webhooksDropped = _meter.CreateCounter<long>("signalling.webhooks.dropped", description: "Events that nobody is told because they could not be kept, by reason");
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

    public void Reservation(string outcome) => _reservations.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Administered(string action, int status) => _administration.Add(1, new KeyValuePair<string, object?>("action", action), new KeyValuePair<string, object?>("status", status));

    public void BanChecked(string outcome) => _banChecks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Outbox(string kind, string outcome, string reason = "") =>
        _outbox.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("outcome", outcome), new KeyValuePair<string, object?>("reason", reason));

    public void WebhookSent(string receiver) => _webhooksSent.Add(1, new KeyValuePair<string, object?>("receiver", receiver));

    public void WebhookFailed(string receiver, string reason) => _webhooksFailed.Add(1, new KeyValuePair<string, object?>("receiver", receiver), new KeyValuePair<string, object?>("reason", reason));

    public void WebhookDropped(string reason) => _webhooksDropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Gauges of a state that somebody else keeps.</summary>
    public void Observe(string name, string description, Func<long> value) => _meter.CreateObservableGauge(name, value, description: description);

    public void Dispose() => _meter.Dispose();
}
