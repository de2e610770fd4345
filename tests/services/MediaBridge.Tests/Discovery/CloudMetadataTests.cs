using System.Net;
using System.Text;
using JitsiMesh.MediaBridge.Discovery;

namespace JitsiMesh.MediaBridge.Tests.Discovery;

/// <summary>Against a stand-in for the metadata services on loopback.</summary>
public sealed class CloudMetadataTests
{
    [Theory]
    [InlineData(CloudKind.Aws, "198.51.100.7", "198.51.100.7")]
    [InlineData(CloudKind.Gcp, "198.51.100.7\n", "198.51.100.7")]
    [InlineData(CloudKind.Gcp, "", null)]
    [InlineData(CloudKind.Aws, "127.0.0.1", null)]
    [InlineData(CloudKind.Aws, "239.1.2.3", null)]
    [InlineData(CloudKind.Aws, "<html>not found</html>", null)]
    [InlineData(CloudKind.Aws, "1", null)]
    public async Task A_public_address_is_taken_and_nothing_else(CloudKind cloud, string text, string? expected)
    {
        using var listener = Listen(out var address);
        var requests = new List<string>();
        _ = ServeAsync(listener, requests, _ => text);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal(expected, (await new CloudMetadata(address).AskAsync(cloud, limit.Token))?.ToString());
        Assert.Equal(
            cloud == CloudKind.Aws
                ? ["PUT /latest/api/token 60", "GET /latest/meta-data/public-ipv4 token"]
                : ["GET /computeMetadata/v1/instance/network-interfaces/0/access-configs/0/external-ip Google"],
            requests);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_cut_off()
    {
        using var listener = Listen(out var address);
        _ = ServeAsync(listener, [], _ => new string('1', 100_000));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Null(await new CloudMetadata(address).AskAsync(CloudKind.Gcp, limit.Token));
    }

    private static HttpListener Listen(out Uri address)
    {
        for (var port = 26480; ; port++)
        {
            var listener = new HttpListener();
            address = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}/"));
            listener.Prefixes.Add(address.ToString());
            try
            {
                listener.Start();
                return listener;
            }
            catch (HttpListenerException) when (port < 26599)
            {
                listener.Close();
            }
        }
    }

    private static async Task ServeAsync(HttpListener listener, List<string> requests, Func<string, string> answer)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                var path = context.Request.Url!.AbsolutePath;
                var header = context.Request.Headers["X-aws-ec2-metadata-token-ttl-seconds"] ?? context.Request.Headers["X-aws-ec2-metadata-token"] ?? context.Request.Headers["Metadata-Flavor"];
                requests.Add($"{context.Request.HttpMethod} {path} {header}");
                var bytes = Encoding.ASCII.GetBytes(path.EndsWith("token", StringComparison.Ordinal) ? "token" : answer(path));
                await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The test has ended.
        }
    }
}
