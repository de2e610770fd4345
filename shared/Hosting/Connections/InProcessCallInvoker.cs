using System.Collections.Frozen;
using Google.Protobuf;
using Grpc.Core;

namespace JitsiMesh.Hosting.Connections;

/// <summary>
/// Calls a gRPC service of the same process without a socket. Messages are copied in both directions and the service runs on the thread pool, so that shared objects and
/// blocking behave as in a remote call. Supports only unary calls.
/// </summary>
public sealed class InProcessCallInvoker : CallInvoker
{
    private readonly FrozenDictionary<string, object> _handlers;

    private InProcessCallInvoker(Dictionary<string, object> handlers) => _handlers = handlers.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="bind">The generated <c>X.BindService(binder, implementation)</c>.</param>
    public static InProcessCallInvoker Create(Action<ServiceBinderBase> bind)
    {
        ArgumentNullException.ThrowIfNull(bind);
        var binder = new Binder();
        bind(binder);
        return new InProcessCallInvoker(binder.Handlers);
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var context = new InProcessCallContext(method.FullName, options);
        var response = Task.Run(() => CallAsync<TRequest, TResponse>(method.FullName, Copy(request), context));
        return new AsyncUnaryCall<TResponse>(response, Task.FromResult(Metadata.Empty), () => context.Status, () => context.ResponseTrailers, context.Cancel);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).GetAwaiter().GetResult();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw OnlyUnary();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw OnlyUnary();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw OnlyUnary();

    private async Task<TResponse> CallAsync<TRequest, TResponse>(string method, TRequest request, InProcessCallContext context)
        where TRequest : class
        where TResponse : class
    {
        using (context)
        {
            if (!_handlers.TryGetValue(method, out var handler)) throw context.Fail(new RpcException(new Status(StatusCode.Unimplemented, method)));
            try
            {
                var response = await ((UnaryServerMethod<TRequest, TResponse>)handler)(request, context).WaitAsync(context.CancellationToken);
                if (context.Status.StatusCode != StatusCode.OK) throw new RpcException(context.Status, context.ResponseTrailers);
                return Copy(response);
            }
            catch (RpcException e)
            {
                throw context.Fail(e);
            }
            catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
            {
                throw context.Fail(new RpcException(context.DeadlineExceeded
                    ? new Status(StatusCode.DeadlineExceeded, "The deadline passed.")
                    : new Status(StatusCode.Cancelled, "The call was cancelled.")));
            }
            catch (Exception e)
            {
                throw context.Fail(new RpcException(new Status(StatusCode.Unknown, "The service failed.", e)));
            }
        }
    }

    private static T Copy<T>(T message) where T : class => message is IDeepCloneable<T> cloneable ? cloneable.Clone() : message;

    private static RpcException OnlyUnary() => new(new Status(StatusCode.Unimplemented, "Only unary calls are made within a process."));

    private sealed class Binder : ServiceBinderBase
    {
        public Dictionary<string, object> Handlers { get; } = new(StringComparer.Ordinal);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            if (handler is not null) Handlers[method.FullName] = handler;
        }
    }
}
