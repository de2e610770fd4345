using System.Diagnostics;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.MediaBridge.Conferences.Endpoints;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The bridge's spans of joins: the call, and for each allocated endpoint the steps that happen once. Never a span for a packet.</summary>
internal static class BridgeSpans
{
    private static readonly ActivitySource Source = new("JitsiMesh.MediaBridge");

    public static MeshSpan? BeginCall(ModifyConferenceRequest request, string? parent)
    {
        var endpoint = request.Endpoints.Count > 0 ? request.Endpoints[0] : null;
        var name = request.Expire || endpoint is { Expire: true } ? "expire" : endpoint is { Create: true } ? "allocate" : "update";
        return MeshSpan.Begin(Source, name, ActivityKind.Server, parent)?.About(request.MeetingId, endpoint?.Id);
    }

    /// <summary>A span from the allocation until now.</summary>
    public static void Tell(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step)
    {
        using var span = MeshSpan.Begin(Source, NameOf(step), ActivityKind.Internal, join.TraceParent, join.Began)?.About(meetingId, endpointId);
        if (step == EndpointJoinStep.Failed) span?.Fail("transport failed");
    }

    private static string NameOf(EndpointJoinStep step) => step switch
    {
        EndpointJoinStep.IceConnected => "ice connected",
        EndpointJoinStep.DtlsConnected => "dtls",
        EndpointJoinStep.FirstMediaReceived => "first media from endpoint",
        EndpointJoinStep.FirstMediaSent => "first media to endpoint",
        _ => "transport failed",
    };
}
