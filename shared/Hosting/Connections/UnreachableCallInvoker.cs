using Grpc.Core;

namespace JitsiMesh.Hosting.Connections;

/// <summary>Answers every call with UNAVAILABLE: nobody is at that address.</summary>
internal sealed class UnreachableCallInvoker : CallInvoker
{
    public static readonly UnreachableCallInvoker Instance = new();

    private static readonly RpcException Failure = new(new Status(StatusCode.Unavailable, "Nobody answers at this address."));

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        new(Task.FromException<TResponse>(Failure), Task.FromResult(Metadata.Empty), () => Failure.Status, () => Metadata.Empty, () => { });

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw Failure;

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw Failure;

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw Failure;

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw Failure;
}
