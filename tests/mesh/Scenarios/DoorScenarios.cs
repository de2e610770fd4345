using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>A running cluster as somebody finds it who is on the same network, or another user of the same machine.</summary>
internal static class DoorScenarios
{
    public static async Task OtherMachinesReachThePublicPortsAlone(ClusterProcess cluster, ITestOutputHelper output)
    {
        // That all are seen: two ports of each service, broker, distribution, mapper, store, the page twice, a media port of each bridge.
        // A test before this one may have killed a process that is still coming back.
        HashSet<int> inner = [.. cluster.InnerPorts.Values.SelectMany(port => new[] { port, port + 1 }), .. Enumerable.Range(cluster.BrokerPort, 4)];
        IReadOnlyList<ListeningSocket> sockets = [];
        HashSet<int> tcp = [];
        for (var tries = 0; tries < 120 && !inner.IsSubsetOf(tcp); tries++)
        {
            if (tries > 0) await Task.Delay(500);
            sockets = ListeningSockets.Of(cluster.Processes.Values, [.. Enumerable.Range(cluster.BrokerPort, 4)]);
            tcp = [.. sockets.Where(s => s.Protocol == "tcp").Select(s => s.Local.Port)];
        }

        foreach (var socket in sockets) output.WriteLine($"{socket.Protocol} {socket.Local,-40} {(socket.IsOutside ? "other machines" : "this machine")}");
        Assert.Superset(inner, tcp);

        HashSet<int> pages = [cluster.HttpsPort, cluster.HttpsPort + 1];
        HashSet<int> media = [.. cluster.InnerPorts.Keys.Where(name => name.StartsWith("media-bridge-", StringComparison.Ordinal)).Select((_, i) => cluster.MediaPort + i)];
        var outside = sockets.Where(s => s.IsOutside).ToList();
        Assert.Equal(pages, outside.Where(s => s.Protocol == "tcp").Select(s => s.Local.Port).ToHashSet());
        Assert.Subset(media, outside.Where(s => s.Protocol == "udp").Select(s => s.Local.Port).ToHashSet());
        Assert.DoesNotContain(sockets, s => s.Protocol == "udp" && !media.Contains(s.Local.Port));
    }

    public static async Task NothingAnswersWithoutItsSecret(ClusterProcess cluster)
    {
        Assert.StartsWith("-NOAUTH", await SayAsync(cluster.BrokerPort + 3, "PING\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-NOAUTH", await SayAsync(cluster.BrokerPort + 3, "HGETALL jitsimesh:placements\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS", await SayAsync(cluster.BrokerPort + 3, "AUTH passw0rd\r\n"), StringComparison.Ordinal);
        foreach (var (user, password) in new[] { ("guest", "guest"), ("mesh", "mesh"), ("mesh", ""), ("mesh", "guest") })
        {
            var factory = new RabbitMQ.Client.ConnectionFactory { HostName = "127.0.0.1", Port = cluster.BrokerPort, UserName = user, Password = password };
            await Assert.ThrowsAsync<RabbitMQ.Client.Exceptions.BrokerUnreachableException>(async () =>
            {
                await using var connection = await factory.CreateConnectionAsync();
            });
        }

        // gRPC without the credential: the status stands in the trailers, or in the headers of an answer without a body.
        using var http = new HttpClient();
        foreach (var (service, method) in new[] { ("media-bridge-1", "jitsimesh.bridge.BridgeControl/ModifyConference"), ("media-bridge-1", "jitsimesh.bridge.BridgeControl/CheckHealth"), ("auth-1", "jitsimesh.auth.Admission/Admit"), ("auth-1", "jitsimesh.auth.Admission/DescribeHost") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, FormattableString.Invariant($"http://127.0.0.1:{cluster.InnerPorts[service] + 1}/{method}")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent([0, 0, 0, 0, 0]) };
            request.Content.Headers.ContentType = new("application/grpc");
            request.Headers.TE.ParseAdd("trailers");
            using var answer = await http.SendAsync(request);
            await answer.Content.ReadAsByteArrayAsync();
            var status = answer.TrailingHeaders.Concat(answer.Headers).FirstOrDefault(header => header.Key == "grpc-status").Value?.Single();
            Assert.True(status == "16", $"{service} {method}: HTTP {(int)answer.StatusCode}, {answer.Headers} {answer.TrailingHeaders}");
        }
    }

    public static void NoSecretStandsWhereOtherUsersReadIt(ClusterProcess cluster)
    {
        var secrets = File.ReadAllLines(Path.Combine(cluster.Folder, "secrets")).Select(line => line.Split('=', 2)[1]).Append(File.ReadAllText(Path.Combine(cluster.Folder, "rabbitmq", ".erlang.cookie"))).ToList();
        Assert.True(secrets.Count >= 5 && secrets.All(secret => secret.Length >= 32));

        // Arguments are anybody's to read; the environment is not.
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            string arguments;
            try
            {
                arguments = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (IOException)
            {
                continue;
            }

            Assert.DoesNotContain(secrets, secret => arguments.Contains(secret, StringComparison.Ordinal));
        }

        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var file in new[] { "", "secrets", "rabbitmq/.erlang.cookie", "rabbitmq/mesh.conf", "redis/mesh.conf", "log" })
        {
            Assert.True(OperatingSystem.IsLinux() && (File.GetUnixFileMode(Path.Combine(cluster.Folder, file)) & Others) == 0, $"'{file}' of the cluster's folder can be read by other users");
        }

        foreach (var (service, line) in cluster.Log()) Assert.False(secrets.Exists(secret => line.Contains(secret, StringComparison.Ordinal)), $"{service} logs a secret");
    }

    private static async Task<string> SayAsync(int port, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), limit.Token);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(limit.Token) ?? "";
    }
}
