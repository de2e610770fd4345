using System.Globalization;
using System.Net;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outbound;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Reservations;

/// <summary>
/// The REST client of a reservation system, as mod_reservations is one: <c>POST /conference</c>, for a conflict <c>GET /conference/ID</c>; the end is told by <see cref="ReservationEnds"/>. Rooms go
/// on meanwhile: the answer reaches the room's owner as a stanza, whichever node that is by then. What cannot be understood is a refusal.
/// </summary>
public sealed partial class ReservationApi(
    ReservationOptions options, ReservationEnds ends, SignallingDomains domains, OwnQueue queue, Func<RoomDoor> rooms, SignallingMetrics metrics, MeshClock clock, ILogger<ReservationApi> logger) : IReservationSystem, IDisposable
{
    private readonly OutboundHttp _http = new(clock.Time);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _questions = new(SignallingLimits.ReservationCalls);
    private int _waitingQuestions;

    public void Begin(ReservationCall call) => _ = Task.Run(() => RunAsync(call));

    public Task EndAsync(ReservationCall ended, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ended);
        return ends.PutAsync(ended.EndedId!, cancellation);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _http.Dispose();
    }

    private async Task RunAsync(ReservationCall call)
    {
        try
        {
            await QuestionAsync(call);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next owner of the room asks again.
        }
        catch (Exception exception)
        {
            metrics.Reservation("internal_error");
            LogFailed(exception);
        }
    }

    private async Task QuestionAsync(ReservationCall call)
    {
        var begun = clock.Now.Now;
        if (await AskAsync(call, begun) is not { } reply) return;
        if (clock.Now.Now - begun < options.LongestTime) await PostAsync(call, reply);
        // The room has given up: what was made for nothing is given back.
        else if (reply.IsGranted) await ends.PutAsync(reply.Id, _stopping.Token);
    }

    /// <summary>Null where the room has given up before its turn came.</summary>
    private async Task<ReservationReply?> AskAsync(ReservationCall call, MonotonicTime begun)
    {
        if (Interlocked.Increment(ref _waitingQuestions) > SignallingLimits.WaitingReservationCalls)
        {
            Interlocked.Decrement(ref _waitingQuestions);
            metrics.Reservation("too_many");
            return ReservationReply.TimedOut;
        }

        try
        {
            await _questions.WaitAsync(_stopping.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _waitingQuestions);
        }

        try
        {
            if (clock.Now.Now - begun >= options.LongestTime)
            {
                metrics.Reservation("dropped");
                return null;
            }

            var reply = await CreateAsync(call);
            metrics.Reservation(reply.Outcome);
            if (reply.Outcome is "timeout" or "unreachable" or "invalid") LogNoAnswer(reply.Outcome);
            return reply;
        }
        finally
        {
            _questions.Release();
        }
    }

    private async Task<ReservationReply> CreateAsync(ReservationCall call)
    {
        var name = Jid.Parse(call.Room).Local!;
        var form = new KeyValuePair<string, string>[]
        {
            new("name", name),
            new("start_time", call.StartTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
            new("mail_owner", call.MailOwner),
        };
        var made = await SendAsync(HttpMethod.Post, "/conference", form);
        switch (made.Status)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                return ReservationJson.ReadConference(made.Body, name);
            case HttpStatusCode.Conflict when ReservationJson.ReadConflict(made.Body) is { } id:
                var found = await SendAsync(HttpMethod.Get, ReservationEnds.PathOf(id), null);
                return found.Status == HttpStatusCode.OK ? await AgainAsync(ReservationJson.ReadConference(found.Body, name)) : RefusalOf(found);
            case HttpStatusCode.Conflict:
                return ReservationReply.InvalidConflict;
            default:
                return RefusalOf(made);
        }
    }

    // A room that opens again before the reservation system was told of its end continues with the same reservation.
    private async Task<ReservationReply> AgainAsync(ReservationReply found)
    {
        try
        {
            if (found.IsGranted) await ends.WithdrawAsync(found.Id, _stopping.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            // It may be told of the end although the room is open; the room continues.
            metrics.Reservation("internal_error");
            LogNotWithdrawn(exception.GetType().Name);
        }

        return found;
    }

    private static ReservationReply RefusalOf(OutboundAnswer answer) => answer.Failure switch
    {
        OutboundFailure.None => ReservationReply.Refused((int)answer.Status, ReservationJson.ReadMessage(answer.Body), "refused"),
        OutboundFailure.Timeout => ReservationReply.TimedOut,
        OutboundFailure.Unreachable => ReservationReply.Unreachable,
        _ => ReservationReply.Invalid,
    };

    /// <summary>Asks again what cannot be reached or has an error of its own. What was too slow is not asked again, as with Jitsi: somebody waits.</summary>
    private async Task<OutboundAnswer> SendAsync(HttpMethod method, string path, IEnumerable<KeyValuePair<string, string>>? form)
    {
        for (var retry = 0; ; retry++)
        {
            using var request = ReservationEnds.RequestOf(options, method, path);
            request.Content = form is null ? null : new FormUrlEncodedContent(form);
            var answer = await _http.SendAsync(request, options.Timeout, SignallingLimits.ReservationOctets, _stopping.Token);
            if (retry == options.Retries || !(answer.Failure == OutboundFailure.Unreachable || (answer.Failure == OutboundFailure.None && (int)answer.Status >= 500))) return answer;
            metrics.Reservation("retried");
            await Task.Delay(options.RetryDelay, clock.Time, _stopping.Token);
        }
    }

    private async Task PostAsync(ReservationCall call, ReservationReply reply)
    {
        var sender = SessionInfo.Of(Jid.Create(ReservationReply.Sender, domains.AuthDomain, "http"), queue.Name);
        await rooms().PostAsync(new RoomInput(call.Room, Stanzas.Iq("set", "reservation", call.Room, reply.ToElement(call.Attempt), sender.FullJid), sender), _stopping.Token);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The reservation system gave no answer that is of use ({Outcome}): the room does not open")]
    private partial void LogNoAnswer(string outcome);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "The store could not be told that a reservation is in use again ({Failure})")]
    private partial void LogNotWithdrawn(string failure);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "A question to the reservation system failed; its room waits until its time is over")]
    private partial void LogFailed(Exception exception);
}
