using Grpc.Core;

namespace JitsiMesh.Hosting.Connections;

/// <summary>The context of a call from the same process, as the service sees it.</summary>
internal sealed class InProcessCallContext : ServerCallContext, IDisposable
{
    private readonly CancellationTokenSource _cancel;
    private readonly CancellationToken _callerToken;
    private readonly string _method;
    private readonly CallOptions _options;
    private int _disposed;

    public InProcessCallContext(string method, CallOptions options)
    {
        _method = method;
        _options = options;
        _callerToken = options.CancellationToken;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(_callerToken);
        if (options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            var left = deadline.ToUniversalTime() - DateTime.UtcNow;
            _cancel.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    public bool DeadlineExceeded => !_callerToken.IsCancellationRequested && _options.Deadline is { } deadline && deadline.ToUniversalTime() <= DateTime.UtcNow;

    protected override string MethodCore => _method;

    protected override string HostCore => "inproc";

    protected override string PeerCore => "inproc";

    protected override DateTime DeadlineCore => _options.Deadline ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => _options.Headers ?? Metadata.Empty;

    protected override CancellationToken CancellationTokenCore => _cancel.Token;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new(null, []);

    public void Cancel()
    {
        if (Volatile.Read(ref _disposed) == 0)
        {
            try
            {
                _cancel.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The call ended in the meantime: there is nothing left to cancel.
            }
        }
    }

    public RpcException Fail(RpcException failure)
    {
        Status = failure.Status;
        return failure;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _cancel.Dispose();
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
}
