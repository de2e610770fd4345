using JitsiMesh.Hosting.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Administration;

/// <summary>Where the pages of administration are, how many requests they take at once, and what is counted and logged of each: the action and the status, and nothing of what it was about.</summary>
public sealed partial class AdministrationRoutes(RoomSizePages sizes, AdministrationPages pages, AdministrationOptions options, SignallingMetrics metrics, ILogger<AdministrationRoutes> logger)
{
    private int _running;

    public void Map(IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        Hide(routes.MapGet("/room-size", context => HandleAsync(context, "room-size", sizes.SizeAsync)), options.RoomSizePublic);
        Hide(routes.MapGet("/room", context => HandleAsync(context, "room", sizes.ListAsync)), isPublic: false);
        Hide(routes.MapGet("/sessions", context => HandleAsync(context, "sessions", sizes.SessionsAsync)), isPublic: false);
        Hide(routes.MapPost("/end-meeting", context => HandleAsync(context, "end-meeting", pages.EndAsync)), options.Public);
        Hide(routes.MapPut("/kick-participant", context => HandleAsync(context, "kick-participant", pages.KickAsync)), options.Public);
        Hide(routes.MapPost("/send-system-chat-message", context => HandleAsync(context, "send-system-chat-message", pages.SayAsync)), options.Public);
        Hide(routes.MapPost("/invite-jigasi", context => HandleAsync(context, "invite-jigasi", pages.InviteAsync)), options.Public);
    }

    private static void Hide(IEndpointConventionBuilder endpoint, bool isPublic)
    {
        if (!isPublic) endpoint.OnInnerListenersOnly();
    }

    private async Task HandleAsync(HttpContext context, string action, Func<HttpContext, Task<int>> answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        var status = 429;
        try
        {
            if (Interlocked.Increment(ref _running) <= SignallingLimits.AdministrationRequests) status = await answer(context);
            else context.Response.Headers.RetryAfter = "1";
        }
        catch (BadHttpRequestException exception)
        {
            status = exception.StatusCode;
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            status = 500;
            LogFailed(exception, action);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }

        metrics.Administered(action, status);
        if (!HttpMethods.IsGet(context.Request.Method)) LogDone(action, status);
        if (!context.Response.HasStarted) context.Response.StatusCode = status;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Administration over HTTP: {Action}, answered {Status}")]
    private partial void LogDone(string action, int status);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Administration over HTTP: {Action} failed")]
    private partial void LogFailed(Exception exception, string action);
}
