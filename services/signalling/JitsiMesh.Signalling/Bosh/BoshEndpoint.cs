using System.Globalization;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>
/// <c>/http-bind</c> and <c>/{tenant}/http-bind</c>: the door of clients whose network lets no WebSocket through (XEP-0124, XEP-0206). What a session may do and what it costs is decided
/// where it is for a WebSocket. The id of a session is a secret, names its node to the edge, and stands in no address and no log.
/// </summary>
public sealed partial class BoshEndpoint(
    SignallingDomains domains, SignallingOptions options, StanzaRouter router, ConnectionServices services, BoshSessions sessions, AddressLimiter limiter, OwnQueue queue,
    ILogger<BoshEndpoint> logger)
{
    private const string ContentType = "text/xml; charset=utf-8";

    private const string Page = "<!DOCTYPE html><html><head><title>BOSH</title></head><body><p>XMPP over BOSH (XEP-0206) is here.</p></body></html>";

    /// <summary>What somebody sees who looks here with a browser.</summary>
    public static Task HandleGet(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        AllowOrigins(context);
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(Page, context.RequestAborted);
    }

    public static Task HandleOptions(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        AllowOrigins(context);
        context.Response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        context.Response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type";
        context.Response.Headers.AccessControlMaxAge = "7200";
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        AllowOrigins(context);
        using var slow = new CancellationTokenSource(BoshLimits.BodyTime, services.Clock.Time);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, context.RequestAborted);
        try
        {
            await AnswerAsync(context, new BoshBodyReader(context.Request.Body), reading.Token);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            // The body broke off, or is not what its headers say.
            await RefuseAsync(context, exception.StatusCode, "bad-request", "bosh-bad-request");
        }
        catch (OperationCanceledException) when (slow.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status408RequestTimeout, "bad-request", "bosh-slow-body");
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client has gone away.
        }
    }

    private async Task AnswerAsync(HttpContext context, BoshBodyReader body, CancellationToken reading)
    {
        if (await body.ReadTagAsync(reading) is not { } tag)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "bad-request", "bosh-bad-request");
            return;
        }

        // Section 4: up to 2^53.
        if (!long.TryParse(tag.Element["rid"], NumberStyles.None, CultureInfo.InvariantCulture, out var rid) || rid is < 1 or > 1L << 53)
        {
            await RefuseAsync(context, StatusCodes.Status200OK, "bad-request", "bosh-bad-request");
            return;
        }

        var session = tag.SessionId is { } id ? sessions.Find(id) : null;
        if (tag.SessionId is not null && session is null)
        {
            await RefuseAsync(context, StatusCodes.Status200OK, "item-not-found", "bosh-session-unknown");
            return;
        }

        if (session is null && tag.Element["to"] is not { Length: > 0 })
        {
            await RefuseAsync(context, StatusCodes.Status200OK, "improper-addressing", "bosh-bad-request");
            return;
        }

        var maximum = BoshLimits.BodyElements * (session?.ElementOctets ?? SignallingLimits.NegotiationFrameOctets);
        var octets = await body.ReadAllAsync(maximum, reading);
        if (octets.IsEmpty) services.Metrics.Refused("bosh-body-too-long");
        if (session is null && (session = await CreateAsync(context, tag)) is null) return;
        var waiter = new BoshWaiter();
        switch (session.Take(new BoshRequest(waiter, rid, tag, octets, session.Host)))
        {
            case BoshTaken.OutsideWindow:
                await RefuseAsync(context, StatusCodes.Status200OK, "item-not-found", "bosh-rid-outside-window");
                return;
            default:
                await HoldAsync(context, session, waiter);
                return;
        }
    }

    private static async Task HoldAsync(HttpContext context, BoshTransport session, BoshWaiter waiter)
    {
        ReadOnlyMemory<byte> answer;
        try
        {
            answer = await waiter.Answered.WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The time of a session without requests begins now.
            session.Leave(waiter);
            throw;
        }

        await WriteAsync(context, answer);
    }

    /// <summary>Begins a session; null where it was refused, and the request answered.</summary>
    private async Task<BoshTransport?> CreateAsync(HttpContext context, BoshTag tag)
    {
        var address = ClientAddress.Of(context, options);
        if (!limiter.TryEnter(address))
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "policy-violation", nameof(SessionEndReason.TooManySocketsOfAddress));
            return null;
        }

        var (wait, hold) = TermsOf(tag.Element);
        var id = router.NewResumeId();
        var to = tag.Element["to"]!;
        var isSecure = context.Request.IsHttps || (context.Features.Get<PublicListener>() is null && context.Request.Headers["X-Forwarded-Proto"] == "https");
        var transport = new BoshTransport(services.Clock, to, BoshAnswers.Created(id, router.NewStreamId(), to, wait, hold, isSecure), wait, hold);
        if (!sessions.TryAdd(id, transport))
        {
            transport.Dispose();
            limiter.Leave(address, authenticated: false);
            context.Response.Headers.RetryAfter = "5";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "policy-violation", "bosh-too-many-sessions");
            return null;
        }

        // The edge says which trace it has begun; a client is nobody to take one from.
        var trace = JoinTrace.IsOn ? JoinTrace.Begin(context.Features.Get<PublicListener>() is null ? context.Request.Headers[MeshSpan.Header].ToString() : null) : null;
        _ = RunAsync(id, transport, ClientRequests.Of(context, domains) with { AddressTag = ClientAddress.TagOf(address, options) }, address, trace);
        return transport;
    }

    /// <summary>The session's own life, which no request outlasts and which outlasts each.</summary>
    private async Task RunAsync(string id, BoshTransport transport, ClientRequest request, string address, JoinTrace? trace)
    {
        var authenticated = false;
        try
        {
            var stream = new XmppStream(router, request, queue.Name, options.HibernationTime, StreamFraming.Bosh);
            using var connection = new ClientConnection(transport, stream, services, () =>
            {
                authenticated = true;
                limiter.Authenticated(address);
            }, trace, address);
            await connection.RunAsync(services.Sessions.Closing);
            transport.End(connection.CloseReason);
            await transport.Over.WaitAsync(services.Sessions.Closing);
        }
        catch (OperationCanceledException)
        {
            // The host stops, and waits for nobody's last request.
        }
        catch (Exception exception)
        {
            services.Metrics.Refused("internal-error");
            LogFailed(logger, exception);
            transport.End(SessionEndReason.InternalError);
        }
        finally
        {
            sessions.Remove(id);
            transport.Dispose();
            trace?.Dispose();
            limiter.Leave(address, authenticated);
        }
    }

    /// <summary>What a client asks for, within what it may have (section 7.1). One that names no hold or wait is held as most are.</summary>
    private static (TimeSpan Wait, int Hold) TermsOf(XmppElement body)
    {
        var wait = uint.TryParse(body["wait"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, BoshLimits.Wait.TotalSeconds) : BoshLimits.Wait.TotalSeconds;
        return (TimeSpan.FromSeconds(wait), body["hold"] == "0" || wait == 0 ? 0 : 1);
    }

    private Task RefuseAsync(HttpContext context, int status, string condition, string reason)
    {
        services.Metrics.Refused(reason);
        context.Response.StatusCode = status;
        return WriteAsync(context, BoshAnswers.Terminated(condition));
    }

    private static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static void AllowOrigins(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        // The edge writes it, and lib-jitsi-meet reads it from each answer.
        headers.AccessControlExposeHeaders = "X-Jitsi-Shard";
        headers.CacheControl = "no-store";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "A session over BOSH failed; its client was told")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
