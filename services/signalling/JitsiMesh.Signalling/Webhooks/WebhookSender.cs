using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using JitsiMesh.Signalling.Outbound;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>Sends one webhook once: signed anew at each try, for receivers take no old ones. No redirect is followed, and of the answer its status counts.</summary>
internal sealed class WebhookSender(WebhookPlan plan, MeshClock clock) : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly OutboundHttp _http = new(clock.Time);

    /// <summary>Never throws but for the cancellation.</summary>
    public async Task<OutboundAnswer> SendAsync(WebhookReceiver receiver, string id, string body, CancellationToken cancellation)
    {
        var content = Encoding.UTF8.GetBytes(body);
        var now = clock.Now.Utc.ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, receiver.Url) { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = Json;
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, now.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Of(plan.Secrets!, id, now, content));
        return await _http.SendAsync(request, plan.Timeout, SignallingLimits.WebhookAnswerOctets, cancellation);
    }

    public void Dispose() => _http.Dispose();
}
