using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using JitsiMesh.Doctor;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Primitives;

namespace JitsiMesh.Mesh.Tests;

/// <summary>What <c>./mesh doctor</c> says of a mesh that is well, and of the ways in which one usually is not.</summary>
public sealed class DoctorTests
{
    // Steps that fail wait this long; those that succeed do not.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_mesh_that_is_well_gets_a_call_of_three_through()
    {
        await using var mesh = await InProcessMesh.StartAsync();
        var report = await ExamineAsync(mesh.Page, Patience);
        Assert.True(report.IsHealthy, Text(report));
        Assert.Equal(3, report.Results.Count(r => r is { Name: "call", State: CheckState.Ok }));
        Assert.DoesNotContain(report.Results, r => r.Seen.EndsWith("connected in 0 ms", StringComparison.Ordinal));
        foreach (var name in new[] { "page", "config.js", "health", "bosh", "signalling", "conference (http)", "conference (iq)", "offer", "advertised", "udp", "turn", "colibri-ws", "channel (data)", "channel (websocket)" })
        {
            Assert.Contains(report.Results, r => r.Name == name && r.State == CheckState.Ok);
        }

        // The certificate is the mesh's own, on localhost.
        Assert.Equal("certificate", Assert.Single(report.Results, r => r.State == CheckState.Warning).Name);
    }

    [Fact]
    public async Task A_mesh_without_WebSockets_is_looked_at_as_far_as_BOSH_goes()
    {
        await using var mesh = await InProcessMesh.StartAsync(new Dictionary<string, string?> { ["ENABLE_XMPP_WEBSOCKET"] = "0" });
        var report = await ExamineAsync(mesh.Page, Patience);
        Assert.True(report.IsHealthy, Text(report));
        foreach (var name in new[] { "bosh", "conference (http)" }) Assert.Contains(report.Results, r => r.Name == name && r.State == CheckState.Ok);
        Assert.Contains(report.Results, r => r is { Name: "config.js", State: CheckState.Warning } && r.Seen.Contains("only BOSH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_udp_port_that_does_not_answer_is_named_with_its_setting()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)silent.LocalEndPoint!).Port;
        await using var mesh = await InProcessMesh.StartAsync(new Dictionary<string, string?>
        {
            ["JVB_ADVERTISE_IPS"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1#{port}"),
            ["JVB_ADVERTISE_PRIVATE_CANDIDATES"] = "0",
        });
        var report = await ExamineAsync(mesh.Page, Impatience);
        var udp = Assert.Single(report.Results, r => r.State == CheckState.Failed);
        Assert.Equal("udp", udp.Name);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"UDP {port} at 127.0.0.1 does not answer"), udp.Seen, StringComparison.Ordinal);
        Assert.Contains("JVB_ADVERTISE_IPS", udp.Advice, StringComparison.Ordinal);
        Assert.Contains(report.Results, r => r is { Name: "call", State: CheckState.Skipped });
    }

    [Fact]
    public async Task A_certificate_for_another_name_fails_and_the_examination_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-").FullName;
        try
        {
            var keys = Directory.CreateDirectory(Path.Combine(folder, "web", "keys")).FullName;
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=meet.example.org", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("meet.example.org");
            request.CertificateExtensions.Add(names.Build());
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(100));
            await File.WriteAllTextAsync(Path.Combine(keys, "cert.crt"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(Path.Combine(keys, "cert.key"), key.ExportPkcs8PrivateKeyPem());
            await using var mesh = await InProcessMesh.StartAsync(new Dictionary<string, string?> { ["CONFIG"] = folder });
            var report = await ExamineAsync(mesh.Page, Patience);
            Assert.All(report.Results.Where(r => r.State == CheckState.Failed), r => Assert.Equal("certificate", r.Name));
            Assert.Contains(report.Results, r => r.Seen.Contains("meet.example.org instead of localhost", StringComparison.Ordinal));
            Assert.Equal(3, report.Results.Count(r => r is { Name: "call", State: CheckState.Ok }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_program_ends_with_1_and_says_so_in_json_when_nothing_runs()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{((IPEndPoint)taken.LocalEndPoint!).Port}");
        var start = new ProcessStartInfo("dotnet", [typeof(Examination).Assembly.Location, "--url", url, "--json", "--timeout", "20"]) { RedirectStandardOutput = true };
        using var program = Process.Start(start)!;
        using var json = JsonDocument.Parse(await program.StandardOutput.ReadToEndAsync());
        await program.WaitForExitAsync();
        Assert.Equal(1, program.ExitCode);
        var failed = Assert.Single(json.RootElement.GetProperty("checks").EnumerateArray(), c => c.GetProperty("state").GetString() == "failed");
        Assert.Equal("page", failed.GetProperty("name").GetString());
        Assert.Contains("connection refused", failed.GetProperty("seen").GetString(), StringComparison.Ordinal);
    }

    private static async Task<Report> ExamineAsync(Uri page, TimeSpan timeout)
    {
        var report = new Report();
        var options = new DoctorOptions { Url = page, Timeout = timeout, CallTime = TimeSpan.FromSeconds(2) };
        await new Examination(options, MeshSettings.From([]), report, TimeProvider.System, SecureRandomSource.Instance).RunAsync();
        return report;
    }

    private static string Text(Report report) => string.Join('\n', report.Results.Select(Report.Line));
}
