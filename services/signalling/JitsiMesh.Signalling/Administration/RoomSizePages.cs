using System.Globalization;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Modules.Administration;
using JitsiMesh.Signalling.Modules.TokenVerification;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Administration;

/// <summary>How many are in a room, and who (mod_muc_size): <c>/room-size</c>, <c>/room</c>, <c>/sessions</c>.</summary>
public sealed class RoomSizePages(
    AdministrationOptions administration, SignallingOptions options, SignallingDomains domains, RoomQuestions rooms, IOperatorTokens tokens, IAdmission admission, SessionRegistry sessions)
{
    private readonly TokenRoomRule _rule = new(domains, options);

    public Task<int> SizeAsync(HttpContext context) => AnswerAsync(context, "size", answer => $"{{\"participants\":{answer["participants"]}}}");

    public Task<int> ListAsync(HttpContext context) => AnswerAsync(context, "list", answer => JsonText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var occupant in answer.Elements)
        {
            writer.WriteStartObject();
            foreach (var name in (string[])["jid", "email", "display_name"]) writer.WriteString(name, occupant[name] ?? "");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }));

    /// <summary>The sessions of this node.</summary>
    public async Task<int> SessionsAsync(HttpContext context)
    {
        if (administration.RoomSize is RoomSizeAccess.Off) return 404;
        if (administration.RoomSize is RoomSizeAccess.Token && await OperatorAsync(context) is var status and not 200) return status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(sessions.Sessions.Count().ToString(CultureInfo.InvariantCulture), context.RequestAborted);
        return 200;
    }

    private async Task<int> AnswerAsync(HttpContext context, string question, Func<XmppElement, string> toJson)
    {
        if (administration.RoomSize is RoomSizeAccess.Off) return 404;
        var query = context.Request.Query;
        if (domains.RoomOf(query["room"], query["subdomain"]) is not { } room) return 400;
        if (query["domain"].ToString() is { Length: > 0 } domain && !string.Equals(domain, domains.Domain, StringComparison.OrdinalIgnoreCase)) return 404;
        if (administration.RoomSize is RoomSizeAccess.Token && await MayAskAsync(context, room) is var status and not 200) return status;
        var answer = await rooms.AskAsync(room, new XmppElement(question, AdministrationModule.Namespace), context.RequestAborted);
        if (RoomQuestions.StatusOf(answer) is var outcome and not 200) return outcome;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(toJson(answer!.Child(question, AdministrationModule.Namespace)!), context.RequestAborted);
        return 200;
    }

    /// <summary>With the token of an operator's program, or one with which its bearer could enter the room.</summary>
    private async Task<int> MayAskAsync(HttpContext context, Jid room)
    {
        if (context.Request.Query["token"].ToString() is not { Length: > 0 } token) return await OperatorAsync(context);
        var request = new AdmissionRequest { Host = domains.Domain, Mechanism = "ANONYMOUS", Token = token, Room = context.Request.Query["room"].ToString(), Tenant = context.Request.Query["subdomain"].ToString() };
        return await admission.AdmitAsync(request, context.RequestAborted) switch
        {
            // A guest that is admitted regardless of the token has proved nothing.
            AdmissionResult.Admitted { Context: { Claims: not null } claimed } => _rule.Refuse(SessionInfo.Of(Jid.Create("http", domains.Domain, "http"), "") with { Context = claimed }, room) is null ? 200 : 403,
            AdmissionResult.Refused { Condition: "temporary-auth-failure" } => 503,
            _ => 403,
        };
    }

    private async Task<int> OperatorAsync(HttpContext context) => BearerToken.Of(context) is { } token ? await tokens.CheckAsync(token, context.RequestAborted) switch
    {
        OperatorToken.Good => 200,
        OperatorToken.Unknown => 503,
        _ => 403,
    }
    : 403;
}
