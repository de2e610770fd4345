using System.Globalization;
using System.Net;
using System.Text;

namespace JitsiMesh.MediaBridge.Discovery;

/// <summary>The cloud whose metadata service is asked for the public address.</summary>
public enum CloudKind
{
    None,

    /// <summary>Amazon's, with version 2 (a token first), else version 1.</summary>
    Aws,

    /// <summary>Google's.</summary>
    Gcp,
}

/// <summary>Queries the metadata service of the bridge's cloud. The service has a link-local address that only the machine itself can reach, over plain HTTP.</summary>
internal sealed class CloudMetadata(Uri service)
{
    public static readonly Uri LinkLocal = new("http://169.254.169.254/");

    /// <returns>The address; null when there is none or the service is unavailable.</returns>
    public async Task<IPAddress?> AskAsync(CloudKind cloud, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = service, MaxResponseContentBufferSize = DiscoveryLimits.MaxMetadata, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            return Read(cloud == CloudKind.Aws ? await AskAwsAsync(client, cancellation) : await AskGcpAsync(client, cancellation));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<string?> AskAwsAsync(HttpClient client, CancellationToken cancellation)
    {
        using var wish = new HttpRequestMessage(HttpMethod.Put, "latest/api/token");
        wish.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", 60.ToString(CultureInfo.InvariantCulture));
        using var granted = await client.SendAsync(wish, cancellation);
        using var question = new HttpRequestMessage(HttpMethod.Get, "latest/meta-data/public-ipv4");
        if (granted.IsSuccessStatusCode) question.Headers.TryAddWithoutValidation("X-aws-ec2-metadata-token", await granted.Content.ReadAsStringAsync(cancellation));
        return await ReadAsync(client, question, cancellation);
    }

    private static async Task<string?> AskGcpAsync(HttpClient client, CancellationToken cancellation)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, "computeMetadata/v1/instance/network-interfaces/0/access-configs/0/external-ip");
        question.Headers.Add("Metadata-Flavor", "Google");
        return await ReadAsync(client, question, cancellation);
    }

    private static async Task<string?> ReadAsync(HttpClient client, HttpRequestMessage question, CancellationToken cancellation)
    {
        using var answer = await client.SendAsync(question, cancellation);
        return answer.IsSuccessStatusCode ? Encoding.ASCII.GetString(await answer.Content.ReadAsByteArrayAsync(cancellation)) : null;
    }

    private static IPAddress? Read(string? text) =>
        text?.Trim() is { } trimmed && trimmed.Split('.').Length == 4 && IPAddress.TryParse(trimmed, out var address) && !IPAddress.IsLoopback(address) && address.GetAddressBytes()[0] is > 0 and < 224 ? address : null;
}
