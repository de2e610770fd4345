using JitsiMesh.EdgeProxy.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// Requests that stay open until one side ends them: WebSockets and long polls. At shutdown Kestrel waits for open requests and accepts no new connections meanwhile, so these requests are ended
/// soon after the shutdown begins, and their clients resume elsewhere. Before that, the services of the same process close their clients' streams.
/// </summary>
internal sealed class HeldRequests : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationToken _overToken;
    private readonly CancellationTokenRegistration _stopping;

    public HeldRequests(IHostApplicationLifetime lifetime)
    {
        _overToken = _over.Token;
        _stopping = lifetime.ApplicationStopping.Register(() => _over.CancelAfter(EdgeLimits.ShutdownGrace));
    }

    /// <summary>If the request is held open, ends it at shutdown; dispose the result with the request.</summary>
    public CancellationTokenRegistration Watch(HttpContext context) =>
        IsHeldOpen(context) ? _overToken.UnsafeRegister(static held => ((HttpContext)held!).Abort(), context) : default;

    public void Dispose()
    {
        _stopping.Dispose();
        _over.Dispose();
    }

    private static bool IsHeldOpen(HttpContext context) =>
        WebSocketRequest.Is(context) || context.Request.Path.Value?.EndsWith("/http-bind", StringComparison.Ordinal) == true;
}
