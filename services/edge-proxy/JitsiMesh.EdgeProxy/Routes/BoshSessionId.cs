using System.Buffers;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>The id of a request's BOSH session, in the start tag of the body (XEP-0124). All requests of a session go to the node that holds it.</summary>
internal static class BoshSessionId
{
    /// <summary>Reads the beginning of the body without consuming it.</summary>
    /// <returns>Null for a request that creates a session, and for a malformed one: the node that gets it reports the error.</returns>
    public static async ValueTask<string?> PeekAsync(HttpRequest request, CancellationToken cancellation)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellation);
            var seen = result.Buffer;
            var first = seen.Slice(0, Math.Min(seen.Length, EdgeLimits.BoshTagOctets));
            var outcome = BoshTag.TryRead(first.IsSingleSegment ? first.FirstSpan : first.ToArray(), out var tag);
            if (outcome == BoshTagResult.Incomplete && !result.IsCompleted && seen.Length < EdgeLimits.BoshTagOctets)
            {
                reader.AdvanceTo(seen.Start, seen.End);
                continue;
            }

            reader.AdvanceTo(seen.Start);
            return tag?.SessionId;
        }
    }
}
