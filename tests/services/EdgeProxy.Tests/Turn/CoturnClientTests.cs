using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.EdgeProxy.Tests.Turn;

/// <summary>A client of other authorship, coturn's, sends through the relay to a peer that echoes.</summary>
public sealed partial class CoturnClientTests
{
    private const string Program = "/usr/bin/turnutils_uclient";
    private const int Messages = 50;

    [CoturnClientTheory]
    [InlineData("UDP")]
    [InlineData("TCP")]
    [InlineData("TLS")]
    public async Task Every_message_of_coturns_client_comes_back(string transport)
    {
        await using var edge = await RunningRelay.StartAsync();
        var name = RestCredentials.Username(DateTimeOffset.UtcNow.AddHours(1), "coturn");
        var port = transport switch { "UDP" => edge.UdpPort, "TCP" => edge.HttpPort, _ => edge.HttpsPort };
        string[] way = transport switch { "UDP" => [], "TCP" => ["-t"], _ => ["-t", "-S"] };

        // -s: Send indications, since for channels it first binds one to a port beside the peer's, which is refused here. -c: no pair of ports; it still asks for an even one now and then. -n, -l: so many messages of so many octets. -e, -r: the peer.
        List<string> arguments = [.. way, "-s", "-c", "-u", name, "-w", RestCredentials.Password(RunningRelay.Secret, name), "-n", Text(Messages), "-l", "200", "-e", "127.0.0.1", "-r", Text(edge.Bridge.Port), "-p", Text(port), "127.0.0.1"];
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var client = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = await client.StandardOutput.ReadToEndAsync(limit.Token) + await client.StandardError.ReadToEndAsync(limit.Token);
        await client.WaitForExitAsync(limit.Token);
        Assert.True(client.ExitCode == 0, output);
        var received = Received().Matches(output);
        Assert.True(received.Count > 0 && received[^1].Groups[1].Value == Text(Messages), output);
        Assert.True(edge.Relay.Counters.PacketsToClients >= Messages, output);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"tot_recv_msgs=(\d+)")]
    private static partial Regex Received();

    private sealed class CoturnClientTheoryAttribute : TheoryAttribute
    {
        public CoturnClientTheoryAttribute() => Skip = File.Exists(Program) ? null : "SKIPPED (missing coturn)";
    }
}
