using JitsiMesh.EdgeProxy.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

public sealed class HeldRequestsTests
{
    [Theory]
    [InlineData("/xmpp-websocket", true)]
    [InlineData("/colibri-ws/node/a/b", true)]
    [InlineData("/http-bind", false)]
    [InlineData("/acme/http-bind", false)]
    public async Task What_is_held_open_ends_when_the_process_is_to_stop_but_not_before_the_last_words(string path, bool upgrades)
    {
        using var lifetime = new Stoppable();
        using var held = new HeldRequests(lifetime);
        var (context, aborted) = Request(path, upgrades);
        using var watch = held.Watch(context);
        lifetime.StopApplication();
        Assert.False(aborted.IsCompleted);
        await aborted.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_request_that_ends_by_itself_and_one_that_is_over_are_left_alone()
    {
        using var lifetime = new Stoppable();
        using var held = new HeldRequests(lifetime);
        var (page, pageAborted) = Request("/config.js", upgrades: false);
        var (before, beforeAborted) = Request("/xmpp-websocket", upgrades: true);
        var (socket, socketAborted) = Request("/xmpp-websocket", upgrades: true);
        using var ofPage = held.Watch(page);
        await held.Watch(before).DisposeAsync();
        using var ofSocket = held.Watch(socket);
        lifetime.StopApplication();
        await socketAborted.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(pageAborted.IsCompleted);
        Assert.False(beforeAborted.IsCompleted);
    }

    private static (HttpContext Context, Task Aborted) Request(string path, bool upgrades)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = path;
        if (upgrades) context.Features.Set<IHttpUpgradeFeature>(new Upgradable());
        var lifetime = new Lifetime();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        return (context, lifetime.Aborted.Task);
    }

    private sealed class Upgradable : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => throw new InvalidOperationException("nobody upgrades here");
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted.TrySetResult();
    }

    private sealed class Stoppable : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
