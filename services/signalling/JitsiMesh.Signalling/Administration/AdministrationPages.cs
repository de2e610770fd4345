using System.Text.Json;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Modules.Administration;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Administration;

/// <summary>
/// What an operator's programs do to rooms, with a token whose key serves nothing else: routes, parameters and statuses are those of mod_muc_end_meeting, mod_muc_kick_participant,
/// mod_system_chat_message and mod_muc_jigasi_invite. Without a key for such tokens there are no such pages. Whether a room is there is told to those alone who have a good token.
/// </summary>
public sealed class AdministrationPages(SignallingDomains domains, RoomQuestions rooms, IOperatorTokens tokens)
{
    private const string Json = "application/json";

    /// <summary><c>POST /end-meeting?conference=JID[&amp;silent-reconnect=true]</c></summary>
    public async Task<int> EndAsync(HttpContext context)
    {
        var room = RoomNamed(context.Request.Query["conference"]);
        if (await RefusalAsync(context, 401, room is null) is { } refused) return refused;
        return await DoAsync(context, room!, new XmppElement("end", AdministrationModule.Namespace, ("silent", context.Request.Query["silent-reconnect"] == "true" ? "true" : null)));
    }

    /// <summary><c>PUT /kick-participant?room=NAME[&amp;prefix=TENANT]</c> with <c>{"participantId":ID}</c> or <c>{"number":NUMBER}</c></summary>
    public async Task<int> KickAsync(HttpContext context)
    {
        var (body, status) = await ReadAsync(context);
        if (status is 408 or 413) return status;
        var query = context.Request.Query;
        var room = domains.RoomOf(query["room"], query["prefix"]);
        var (id, number) = (body?["participantId"]?.Scalar, body?["number"]?.Scalar);
        if (await RefusalAsync(context, 403, room is null || string.IsNullOrEmpty(id) == string.IsNullOrEmpty(number) || !IsPlain(id ?? number!)) is { } refused) return refused;
        return await DoAsync(context, room!, new XmppElement("kick", AdministrationModule.Namespace, ("id", id), ("number", number)));
    }

    /// <summary><c>POST /send-system-chat-message</c> with <c>{"room":JID,"connectionJIDs":[JID],"message":TEXT,"displayName":TEXT}</c></summary>
    public async Task<int> SayAsync(HttpContext context)
    {
        var (body, status) = await ReadAsync(context);
        if (status is 408 or 413) return status;
        var room = RoomNamed(body?.String("room"));
        var message = body?.String("message");
        var name = body?.String("displayName");
        var receivers = body?["connectionJIDs"] is { Kind: JsonValueKind.Array } list ? list.Items : null;
        var bad = room is null || message is null or { Length: > SignallingLimits.SystemMessageLength } || name is { Length: > SignallingLimits.DisplayNameLength } || receivers is null or { Count: > SignallingLimits.SystemMessageReceivers }
            || receivers.Any(one => one.Kind != JsonValueKind.String || !Jid.TryParse(one.Text, out _)) || !IsPlain(message) || !IsPlain(name ?? "");
        if (await RefusalAsync(context, 401, bad) is { } refused) return refused;
        var json = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            if (name is not null) writer.WriteString("displayName", name);
            writer.WriteString("type", "system_chat_message");
            writer.WriteString("message", message);
            writer.WriteEndObject();
        });
        var say = new XmppElement("say", AdministrationModule.Namespace).Add(new XmppElement("json", AdministrationModule.Namespace).AddText(json));
        foreach (var receiver in receivers!) say.Add(new XmppElement("to", AdministrationModule.Namespace).AddText(Jid.Parse(receiver.Text).ToString()));
        return await DoAsync(context, room!, say);
    }

    /// <summary><c>POST /invite-jigasi</c>: there is no gateway to invite.</summary>
    public async Task<int> InviteAsync(HttpContext context)
    {
        var (body, status) = await ReadAsync(context);
        if (status is 408 or 413) return status;
        if (await RefusalAsync(context, 401, body?["conference"]?.Scalar is null || body["phoneNo"]?.Scalar is null) is { } refused) return refused;
        context.Response.StatusCode = 404;
        context.Response.ContentType = Json;
        await context.Response.WriteAsync("""{"error":"Jigasi not found"}""", context.RequestAborted);
        return 404;
    }

    /// <summary>The status with which a request is refused; null for one that may proceed. The order of refusals: the pages are off, the request is malformed, the token is not valid.</summary>
    private async Task<int?> RefusalAsync(HttpContext context, int unauthorized, bool bad)
    {
        var token = await tokens.CheckAsync(BearerToken.Of(context) ?? "", context.RequestAborted);
        return token switch
        {
            OperatorToken.Off => 404,
            _ when bad => 400,
            OperatorToken.Good => null,
            OperatorToken.Unknown => 503,
            _ => unauthorized,
        };
    }

    private async Task<int> DoAsync(HttpContext context, Jid room, XmppElement request) => RoomQuestions.StatusOf(await rooms.AskAsync(room, request, context.RequestAborted));

    private Jid? RoomNamed(string? text)
    {
        if (!Jid.TryParse(text, out var jid) || jid.Local is null) return null;
        var stored = domains.ToStored(jid).Bare;
        return domains.KindOf(stored.Domain) == DomainKind.Muc ? stored : null;
    }

    /// <summary>The JSON object of the body; null for none, with 413 for one that is too long and 408 for one that takes too long.</summary>
    private static async Task<(UserJson? Body, int Status)> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentType is not { } type || !type.Split(';')[0].Trim().Equals(Json, StringComparison.OrdinalIgnoreCase)) return (null, 400);
        if (context.Request.ContentLength > SignallingLimits.AdministrationOctets) return (null, 413);
        var bytes = new byte[SignallingLimits.AdministrationOctets + 1];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(SignallingLimits.AdministrationBodyTime);
        int length;
        try
        {
            length = await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, limit.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return (null, 408);
        }

        if (length > SignallingLimits.AdministrationOctets) return (null, 413);
        var body = JsonText.TryObject(bytes.AsSpan(0, length));
        return (body, body is null ? 400 : 200);
    }

    // What XML can carry.
    private static bool IsPlain(string text) => text.All(c => c >= ' ' ? c < '\uFFFE' : c is '\t' or '\n' or '\r');
}
