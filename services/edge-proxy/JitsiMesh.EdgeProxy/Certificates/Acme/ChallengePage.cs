using JitsiMesh.Acme;
using JitsiMesh.Acme.Challenges;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>HTTP-01 (RFC 8555 section 8.3), answered by the running edge. A request for an unknown token falls through to the files of the web root, where another ACME client may have put it.</summary>
internal sealed class ChallengePage(ChallengeBoard board, AcmePlan plan)
{
    /// <returns>False for a request that is no challenge.</returns>
    public async ValueTask<bool> TryAnswerAsync(HttpContext context)
    {
        if (!plan.IsOn || context.Request.Path.Value is not { } path || !path.StartsWith(ChallengeAnswer.HttpPath, StringComparison.Ordinal)) return false;
        var token = path[ChallengeAnswer.HttpPath.Length..];
        if (token.Length is 0 or > AcmeLimits.TokenCharacters || !token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) return false;
        if (await board.HttpAsync(token, context.RequestAborted) is not { } authorization) return false;
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = authorization.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.WriteAsync(authorization, context.RequestAborted);
        return true;
    }
}
