using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Http;

/// <summary>
/// <c>POST /conference-request/v1</c>: the conference request as JSON. It becomes the IQ that a client would send, from an address that
/// exists for this request alone, and the answer becomes JSON again.
/// </summary>
public sealed partial class ConferenceRequestEndpoint(
    SignallingDomains domains, SignallingOptions options, AddressRates rates, SignallingMetrics metrics, IRandomSource random, SessionRegistry sessions, RoomDoor rooms, OwnQueue queue, IAdmission admission,
    MeshClock clock, ILogger<ConferenceRequestEndpoint> logger)
{
    public static Task HandleOptions(HttpContext context)
    {
        AllowOrigins(context);
        context.Response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        context.Response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type";
        context.Response.StatusCode = StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    public async Task HandleAsync(HttpContext context)
    {
        AllowOrigins(context);
        try
        {
            await AnswerAsync(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            // The body broke off, or is not what its headers say.
            metrics.Refused("bad-conference-request");
            await RefuseAsync(context, exception.StatusCode, "Bad request: the body cannot be read");
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            metrics.Refused("internal-error");
            LogFailed(logger, exception);
            await RefuseAsync(context, 500, "Error: internal-server-error");
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } request) return;
        var roomText = request.Room;
        if (!Jid.TryParse(roomText, out var named) || named.Local is null || !domains.IsConference(named.Domain))
        {
            metrics.Refused("bad-conference-request");
            await RefuseAsync(context, 400, "Bad request: bad-request (room is not the address of a conference)");
            return;
        }

        var clientAddress = ClientAddress.Of(context, options);
        if (!rates.TryTake(clientAddress, clock.Now.Now))
        {
            metrics.Refused("too-many-conference-requests");
            await NotReadyAsync(context, roomText);
            return;
        }

        var room = domains.ToStored(named).Bare.ToString();
        var token = TokenOf(context);
        using var trace = JoinTrace.BeginRequest(context.Features.Get<PublicListener>() is null ? context.Request.Headers[MeshSpan.Header].ToString() : null);
        var (host, result) = await RequestAdmission.AdmitAsync(
            admission,
            domains,
            new AdmissionRequest { Host = "", Mechanism = "", Token = token ?? "", Room = named.Local, AddressTag = ClientAddress.TagOf(clientAddress, options) ?? "", TraceParent = trace?.Context },
            context.RequestAborted);
        if (result is not AdmissionResult.Admitted admitted)
        {
            trace?.Fail("not admitted");
            await NotAdmittedAsync(context, roomText, result);
            return;
        }

        var session = SessionInfo.Of(Jid.Create($"http-{random.NextUuid()}", host, "http"), queue.Name) with
        {
            Context = admitted.Context with { Token = token, Room = named.Local },
            Trace = trace?.Context,
        };
        var iq = Stanzas.Iq("set", "http", domains.FocusComponent, ConferenceJson.ToElement(request, room, token), session.FullJid);
        var answer = await AskAsync(new RoomInput(room, iq, session), context.RequestAborted);
        if (answer is null || answer["type"] == "error") trace?.Fail(answer is null ? "no answer" : StanzaError.Read(answer).Condition);
        if (answer is null || (answer["type"] == "error" && StanzaError.Read(answer).Type == StanzaErrorType.Wait)) await NotReadyAsync(context, roomText);
        else if (answer["type"] == "error") await RefuseAsync(context, answer);
        else await AnswerAsync(context, answer);
    }

    // While nobody can tell who may come in, the client asks again; everything else ends its try.
    private Task NotAdmittedAsync(HttpContext context, string room, AdmissionResult result)
    {
        metrics.Refused("conference-request-not-admitted");
        if (result is AdmissionResult.Refused { Condition: "temporary-auth-failure" }) return NotReadyAsync(context, room);
        return RefuseAsync(context, 403, result is AdmissionResult.Refused { Text.Length: > 0 } refused ? $"Forbidden: {refused.Text}" : "Forbidden");
    }

    private async Task<XmppElement?> AskAsync(RoomInput input, CancellationToken cancellation)
    {
        var sink = new AnswerSink();
        sessions.TryAdd(input.From.FullJid, sink);
        try
        {
            await rooms.PostAsync(input, cancellation);
            return await sink.Answer.WaitAsync(SignallingLimits.ConferenceRequestTime, clock.Time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            sessions.Remove(input.From.FullJid);
        }
    }

    private async Task<ConferenceJsonRequest?> ReadAsync(HttpContext context)
    {
        var bytes = new byte[SignallingLimits.ConferenceRequestOctets + 1];
        var tooLong = context.Request.ContentLength > SignallingLimits.ConferenceRequestOctets;
        var length = tooLong ? 0 : await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (tooLong || length > SignallingLimits.ConferenceRequestOctets)
        {
            metrics.Refused("bad-conference-request");
            await RefuseAsync(context, 413, "Bad request: too long");
            return null;
        }

        if (ConferenceJson.TryRead(bytes.AsSpan(0, length), out var request, out var error)) return request;
        metrics.Refused("bad-conference-request");
        await RefuseAsync(context, 400, $"Bad request: {error}");
        return null;
    }

    private static async Task AnswerAsync(HttpContext context, XmppElement answer)
    {
        if (answer.Child("conference", Namespaces.Focus) is not { } conference)
        {
            await RefuseAsync(context, 500, "Bad answer from focus");
            return;
        }

        await WriteAsync(context, conference);
    }

    private static Task NotReadyAsync(HttpContext context, string room) => WriteAsync(context, ConferenceAnswers.NotReady(room));

    private static Task WriteAsync(HttpContext context, XmppElement conference)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(ConferenceJson.ToJson(conference), context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, XmppElement answer)
    {
        var error = StanzaError.Read(answer);
        // The client takes a session for invalid by this text in a body of status 400, at any place but the first.
        if (error.Application?.Name == "session-invalid" || error.Condition == "not-acceptable") return RefuseAsync(context, 400, "HTTP 400 invalid-session");
        if (error.Application is { Name: "reservation-error" } refused) return RefuseAsync(context, 500, $"Error: reservation-error {refused["error-code"]}: {error.Text}");
        return error.Condition switch
        {
            "not-authorized" or "forbidden" or "not-allowed" => RefuseAsync(context, 403, "Forbidden"),
            "bad-request" => RefuseAsync(context, 400, "Bad request: bad-request"),
            _ => RefuseAsync(context, 500, $"Error: {error.Condition}"),
        };
    }

    private static async Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static void AllowOrigins(HttpContext context) => context.Response.Headers.AccessControlAllowOrigin = "*";

    private static string? TokenOf(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0) return null;
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : header.Trim();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "A conference request over HTTP failed; its sender got an error")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
