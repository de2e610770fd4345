using System.Diagnostics;
using System.Globalization;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A certificate from an authority that nobody here wrote: Caddy's ACME server, with the ports and names of a real site, in a network of its own.</summary>
public sealed class CertificateAuthorityTests(ITestOutputHelper output)
{
    private const string Site = "meet.example.test";
    private const string Authority = "ca.example.test";

    private const string Caddyfile = $$"""
        {
          admin off
          auto_https disable_redirects
          http_port 8079
          https_port 9443
          skip_install_trust
        }
        {{Authority}}:9443 {
          tls internal
          acme_server
        }
        """;

    [NeedsNamespaceFact("caddy", "curl")]
    public async Task A_site_gets_its_certificate_while_it_runs_and_serves_it()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"mesh-acme-{Environment.ProcessId % 10_000}");
        var folder = Directory.CreateTempSubdirectory("jitsimesh-acme-").FullName;

        // The names are those of this network alone.
        var names = Directory.CreateDirectory("/etc/netns/" + name);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(names.FullName, "hosts"), $"127.0.0.1 localhost {Site} {Authority}\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "Caddyfile"), Caddyfile);
            await IpAsync("netns", "add", name);
            await IpAsync("-n", name, "link", "set", "lo", "up");
            await using var caddy = ServerProcess.Start("ip", ["netns", "exec", name, "caddy", "run", "--config", Path.Combine(folder, "Caddyfile"), "--adapter", "caddyfile"], Path.Combine(folder, "caddy-work").Made(),
                new Dictionary<string, string> { ["XDG_DATA_HOME"] = folder, ["HOME"] = folder });
            var root = Path.Combine(folder, "caddy", "pki", "authorities", "local", "root.crt");
            await UntilAsync(() => Task.FromResult(File.Exists(root)), "Caddy makes its authority", () => caddy.Log);

            await using var mesh = ServerProcess.Start("ip", ["netns", "exec", name, "dotnet", Tree.Built("JitsiMesh.AllInOne")], Path.Combine(folder, "mesh-work").Made(), new Dictionary<string, string>
            {
                ["SSL_CERT_FILE"] = root,
                ["CONFIG"] = Path.Combine(folder, "config").Made(),
                ["HTTP_PORT"] = "80",
                ["HTTPS_PORT"] = "443",
                ["MESH_HTTP_PORT"] = "127.0.0.1:8080",
                ["JVB_DISABLE_STUN"] = "1",
                ["PUBLIC_URL"] = "https://" + Site,
                ["ENABLE_LETSENCRYPT"] = "1",
                ["LETSENCRYPT_DOMAIN"] = Site,
                ["LETSENCRYPT_EMAIL"] = "operator@example.test",
                ["LETSENCRYPT_ACME_SERVER"] = $"https://{Authority}:9443/acme/local/directory",
            }, "Ready: ");
            await mesh.ReadyAsync(TimeSpan.FromMinutes(1));

            // curl knows this one authority, and checks the name too.
            await UntilAsync(async () => (await Programs.RunAsync("ip", ["netns", "exec", name, "curl", "-sf", "--cacert", root, "-o", "/dev/null", $"https://{Site}/"], folder, TimeSpan.FromSeconds(20))).Code == 0,
                "the site is served with a certificate of the authority", () => mesh.Log + caddy.Log);
            var (_, told) = await Programs.RunAsync("ip", ["netns", "exec", name, "curl", "-s", "http://127.0.0.1:8080/debug/certificate"], folder, TimeSpan.FromSeconds(20));
            output.WriteLine(told);
            Assert.Contains("\"outcome\":\"issued\"", told, StringComparison.Ordinal);
            Assert.Single(told.Split("\"at\":").Skip(1));
        }
        finally
        {
            await Programs.RunAsync("ip", ["netns", "del", name], "/", TimeSpan.FromSeconds(30));
            names.Delete(recursive: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what, Func<string> log)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(90);)
        {
            if (await holds()) return;
            await Task.Delay(500);
        }

        Assert.Fail($"Not within 90 s: {what}\n{log()}");
    }

    private static async Task IpAsync(params string[] arguments)
    {
        var (code, said) = await Programs.RunAsync("ip", arguments, "/", TimeSpan.FromSeconds(30));
        Assert.True(code == 0, said);
    }
}

file static class Folders
{
    /// <summary>The folder, which is there then.</summary>
    public static string Made(this string path) => Directory.CreateDirectory(path).FullName;
}
