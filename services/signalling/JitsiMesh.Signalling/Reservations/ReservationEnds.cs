using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Signalling.Outbound;
using JitsiMesh.Signalling.Outboxes;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Signalling.Reservations;

/// <summary>Tells the reservation system which reservations are over (<c>DELETE /conference/ID</c>), from the outbox: also when it is down, and when the process that had it to tell is not there any more.</summary>
public sealed class ReservationEnds(ReservationOptions options, Outbox outbox, SignallingMetrics metrics, MeshClock clock) : BackgroundService
{
    /// <summary>Of the entries.</summary>
    public const string Kind = "reservation-end";

    private readonly OutboundHttp _http = new(clock.Time);

    /// <summary>Ends when it is kept.</summary>
    public Task PutAsync(string id, CancellationToken cancellation) =>
        outbox.PutAsync(new OutboxEntry { Id = EntryOf(id), Kind = Kind, Payload = id, FirstTime = clock.Now.Utc }, cancellation);

    /// <summary>A reservation is in use again, under the same id: its end from before is not told any more.</summary>
    public Task WithdrawAsync(string id, CancellationToken cancellation) => outbox.WithdrawAsync(Kind, EntryOf(id), cancellation);

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    internal static HttpRequestMessage RequestOf(ReservationOptions options, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, options.Prefix + path);
        if (options.Authorization.Length > 0) request.Headers.TryAddWithoutValidation("Authorization", options.Authorization);
        return request;
    }

    internal static string PathOf(string id) => "/conference/" + Uri.EscapeDataString(id);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => outbox.RunAsync(Kind, DeliverAsync, new OutboxLimits
    {
        Entries = SignallingLimits.WaitingReservationEnds,
        Parallel = SignallingLimits.ReservationEnds,
        Age = SignallingLimits.ReservationEndAge,
        FirstPause = options.RetryDelay > TimeSpan.FromSeconds(1) ? options.RetryDelay : TimeSpan.FromSeconds(1),
        DeliveryTime = options.Timeout + TimeSpan.FromSeconds(5),
    }, stoppingToken);

    private async Task<Delivery> DeliverAsync(OutboxEntry entry, CancellationToken cancellation)
    {
        using var request = RequestOf(options, HttpMethod.Delete, PathOf(entry.Payload));
        var answer = await _http.SendAsync(request, options.Timeout, SignallingLimits.ReservationOctets, cancellation);
        var delivery = Judge(answer);
        metrics.Reservation(delivery.Outcome == DeliveryOutcome.Done ? "ended" : "end_failed");
        return delivery;
    }

    // One that it does not know is over; what may be a moment's or a setting's fault is told again.
    private static Delivery Judge(OutboundAnswer answer) => answer.Failure switch
    {
        OutboundFailure.Timeout => Delivery.Again("timeout"),
        OutboundFailure.Unreachable => Delivery.Again("unreachable"),
        OutboundFailure.Redirect => Delivery.Again("redirect"),
        _ => (int)answer.Status switch
        {
            < 300 or 404 or 410 => Delivery.Done,
            401 or 403 => Delivery.Again("not_allowed"),
            408 or 425 or 429 or >= 500 => Delivery.Again("server_error"),
            _ => Delivery.Never("refused"),
        },
    };

    // Ids of reservations are longer than those of entries may be.
    private static string EntryOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));
}
