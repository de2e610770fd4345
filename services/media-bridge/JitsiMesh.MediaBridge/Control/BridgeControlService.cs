using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.MediaBridge.Conferences.Endpoints;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>What focus asks of this bridge, over gRPC or in process.</summary>
internal sealed class BridgeControlService(MediaBridgeRuntime runtime, BridgeHealth health, TimeProvider time) : BridgeControl.BridgeControlBase
{
    public override async Task<ModifyConferenceResponse> ModifyConference(ModifyConferenceRequest request, ServerCallContext context)
    {
        using var span = BridgeSpans.BeginCall(request, MeshSpan.ContextOf(context));
        var join = span is null ? null : new EndpointJoin(span.Context, time.GetUtcNow());
        var overloaded = runtime.Load.IsOverloaded;
        var pending = runtime.Ask((shard, now) => ConferenceModifier.Modify(shard, request, overloaded, now, join));
        if (pending is null) throw Refusal(new ModifyFailure(StatusCode.Unavailable, "overloaded", "the media loop takes no requests"));
        var (response, failure) = await AnswerAsync(pending, context.CancellationToken);
        if (failure is not null) span?.Fail(failure.Reason);
        if (failure is not null) throw Refusal(failure);
        return response!;
    }

    public override async Task<CheckHealthResponse> CheckHealth(CheckHealthRequest request, ServerCallContext context)
    {
        var problem = await health.FindProblemAsync(context.CancellationToken);
        return new CheckHealthResponse { Healthy = problem is null, Reason = problem ?? "" };
    }

    /// <summary>An exception that concerns no endpoint has changed nothing; the loop has told it already.</summary>
    private async Task<(ModifyConferenceResponse?, ModifyFailure?)> AnswerAsync(Task<(ModifyConferenceResponse?, ModifyFailure?)> pending, CancellationToken cancellation)
    {
        try
        {
            return await pending.WaitAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (null, runtime.IsRunning
                ? new ModifyFailure(StatusCode.Internal, "unspecified", "the request failed")
                : new ModifyFailure(StatusCode.Unavailable, "graceful_shutdown", "the media loop has ended"));
        }
    }

    private static RpcException Refusal(ModifyFailure failure)
    {
        var trailers = new Metadata { { "reason", failure.Reason } };
        if (failure.Endpoint is not null) trailers.Add("endpoint", failure.Endpoint);
        return new RpcException(new Status(failure.Status, failure.Detail), trailers);
    }
}
