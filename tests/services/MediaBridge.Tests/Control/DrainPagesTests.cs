using JitsiMesh.MediaBridge.Control;
using JitsiMesh.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.MediaBridge.Tests.Control;

public sealed class DrainPagesTests
{
    [Fact]
    public void An_operator_drains_a_bridge_and_takes_it_back_and_focus_hears_each_change_once()
    {
        using var runtime = Runtime();
        var told = 0;
        runtime.StatusChanged += () => told++;
        foreach (var (drain, changes) in new[] { (true, 1), (true, 1), (false, 2), (false, 2) })
        {
            DrainPages.Set(runtime, Request(origin: null), drain);
            Assert.Equal((drain, changes), (runtime.Draining, told));
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public void A_page_in_a_browser_drains_nothing(string origin)
    {
        using var runtime = Runtime();
        var answer = DrainPages.Set(runtime, Request(origin), drain: true);
        Assert.Equal(403, Assert.IsType<StatusCodeHttpResult>(answer).StatusCode);
        Assert.False(runtime.Draining);
    }

    private static MediaBridgeRuntime Runtime() => new(new MediaBridgeOptions(), SecureRandomSource.Instance, TimeProvider.System, NullLogger<MediaBridgeRuntime>.Instance);

    private static HttpRequest Request(string? origin)
    {
        var context = new DefaultHttpContext();
        if (origin is not null) context.Request.Headers.Origin = origin;
        return context.Request;
    }
}
