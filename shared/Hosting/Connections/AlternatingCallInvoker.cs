using Grpc.Core;

namespace JitsiMesh.Hosting.Connections;

/// <summary>
/// Calls the instances of a service in turn. A call that one instance could not take (UNAVAILABLE) goes to the next, so a call may be handled twice and must allow that; an
/// instance that failed comes last for a while. Supports only unary calls.
/// </summary>
public sealed class AlternatingCallInvoker(IReadOnlyList<CallInvoker> instances, TimeProvider time) : CallInvoker
{
    /// <summary>How long a failed instance comes last.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly long[] _failedAt = new long[instances.Count];
    private int _turn;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        AsyncUnaryCall<TResponse>? current = null;
        var response = AskAsync();
        return new AsyncUnaryCall<TResponse>(response, Task.FromResult(Metadata.Empty), () => current!.GetStatus(), () => current!.GetTrailers(), () => current?.Dispose());

        async Task<TResponse> AskAsync()
        {
            var order = Order();
            for (var i = 0; ; i++)
            {
                current = instances[order[i]].AsyncUnaryCall(method, host, options, request);
                try
                {
                    var answer = await current.ResponseAsync;
                    Volatile.Write(ref _failedAt[order[i]], 0);
                    return answer;
                }
                catch (RpcException failure) when (failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
                {
                    Volatile.Write(ref _failedAt[order[i]], time.GetTimestamp());
                    if (failure.StatusCode == StatusCode.DeadlineExceeded || i + 1 == order.Length) throw;
                    current.Dispose();
                }
            }
        }
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw OnlyUnary();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw OnlyUnary();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw OnlyUnary();

    private int[] Order()
    {
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)instances.Count);
        return [.. Enumerable.Range(0, instances.Count).Select(i => (first + i) % instances.Count).OrderBy(HasFailed)];
    }

    private bool HasFailed(int instance) => Volatile.Read(ref _failedAt[instance]) is not 0 and var at && time.GetElapsedTime(at) < Pause;

    private static RpcException OnlyUnary() => new(new Status(StatusCode.Unimplemented, "Only unary calls are made between services."));
}
