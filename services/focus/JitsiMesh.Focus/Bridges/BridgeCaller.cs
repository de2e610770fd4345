using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Telemetry;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Tracing;

namespace JitsiMesh.Focus.Bridges;

/// <summary>Calls bridges and classifies their failures. Throws only on cancellation.</summary>
public sealed class BridgeCaller(IBridgeConnections connections, FocusClock clock, FocusOptions options, FocusMetrics metrics)
{
    /// <param name="controlAddress">The bridge's control address.</param>
    /// <param name="request">The request.</param>
    /// <param name="trace">W3C trace context of the caller, or null.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task<BridgeReply> ModifyAsync(string controlAddress, ModifyConferenceRequest request, string? trace, CancellationToken cancellation)
    {
        using var span = ConferenceSpans.BeginCall(request, trace);
        var started = clock.Now;
        BridgeReply reply;
        try
        {
            var client = new BridgeControl.BridgeControlClient(connections.Invoker(controlAddress));
            reply = new BridgeReply(await client.ModifyConferenceAsync(request, MeshSpan.Metadata(span?.Context), deadline: Deadline(options.ReplyTimeout), cancellationToken: cancellation));
        }
        catch (RpcException failure) when (!cancellation.IsCancellationRequested)
        {
            reply = Read(failure);
            span?.Fail(reply.Failure.ToString());
        }

        metrics.Called(reply.Failure == BridgeFailure.None ? "ok" : reply.Failure.ToString(), clock.Now - started);
        return reply;
    }

    public async Task<(HealthOutcome Outcome, string Reason)> CheckHealthAsync(string controlAddress, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            var client = new BridgeControl.BridgeControlClient(connections.Invoker(controlAddress));
            var answer = await client.CheckHealthAsync(new CheckHealthRequest(), deadline: Deadline(timeout), cancellationToken: cancellation);
            return (answer.Healthy ? HealthOutcome.Healthy : HealthOutcome.Unhealthy, answer.Reason);
        }
        catch (RpcException failure) when (!cancellation.IsCancellationRequested)
        {
            var outcome = failure.StatusCode switch
            {
                StatusCode.Unavailable => HealthOutcome.Unreachable,
                StatusCode.DeadlineExceeded or StatusCode.Cancelled => HealthOutcome.TimedOut,
                _ => HealthOutcome.Unhealthy,
            };
            return (outcome, failure.StatusCode.ToString());
        }
    }

    internal static BridgeReply Read(RpcException failure)
    {
        var reason = failure.Trailers.GetValue("reason");
        var kind = (failure.StatusCode, reason) switch
        {
            (StatusCode.InvalidArgument, _) => BridgeFailure.BadRequest,
            (StatusCode.AlreadyExists, "endpoint_already_exists") => BridgeFailure.EndpointExists,
            (StatusCode.AlreadyExists, _) => BridgeFailure.ConferenceExists,
            (StatusCode.NotFound, "unknown_endpoint") => BridgeFailure.UnknownEndpoint,
            (StatusCode.NotFound, _) => BridgeFailure.ConferenceNotFound,
            (StatusCode.Unimplemented, _) => BridgeFailure.NotImplemented,
            (StatusCode.Unavailable, "graceful_shutdown") => BridgeFailure.GracefulShutdown,
            // The bridge answered: it is alive, but takes no more endpoints now.
            (StatusCode.Unavailable, "overloaded") => BridgeFailure.Overloaded,
            (StatusCode.Unavailable, _) => BridgeFailure.Unreachable,
            (StatusCode.DeadlineExceeded, _) => BridgeFailure.TimedOut,
            (StatusCode.ResourceExhausted, _) => BridgeFailure.Overloaded,
            _ => BridgeFailure.Unspecified,
        };
        return BridgeReply.Failed(kind, failure.Trailers.GetValue("endpoint"));
    }

    private DateTime Deadline(TimeSpan timeout) => clock.Provider.GetUtcNow().UtcDateTime + timeout;
}
