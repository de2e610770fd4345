using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Endpoints;

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
        var (response, failure) = await pending.WaitAsync(context.CancellationToken);
        if (failure is not null) span?.Fail(failure.Reason);
        if (failure is not null) throw Refusal(failure);
        return response!;
    }

    public override async Task<CheckHealthResponse> CheckHealth(CheckHealthRequest request, ServerCallContext context)
    {
        var problem = await health.FindProblemAsync(context.CancellationToken);
        return new CheckHealthResponse { Healthy = problem is null, Reason = problem ?? "" };
    }

    public override Task<DrainResponse> Drain(DrainRequest request, ServerCallContext context)
    {
        runtime.SetDrain(request.Drain);
        return Task.FromResult(new DrainResponse());
    }

    private static RpcException Refusal(ModifyFailure failure)
    {
        var trailers = new Metadata { { "reason", failure.Reason } };
        if (failure.Endpoint is not null) trailers.Add("endpoint", failure.Endpoint);
        return new RpcException(new Status(failure.Status, failure.Detail), trailers);
    }
}
