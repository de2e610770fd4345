using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>The scripts that run inside of containers: the health check, the job that makes folders, the commands.</summary>
public sealed class ContainerScriptTests : IDisposable
{
    private readonly Shell _shell = new Shell().With("deploy/docker/health", "deploy/docker/init.sh", "deploy/docker/tools/mesh", "deploy/docker/auth/password-by-input.sh");

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nHealthy", 0)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\nUnhealthy", 1)]
    [InlineData("200 is not the status of this", 1)]
    [InlineData("", 1)]
    public async Task A_container_is_healthy_when_its_service_answers_200(string answer, int code)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var request = new byte[1024];
            var length = 0;
            while (!Encoding.ASCII.GetString(request, 0, length).EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                // The script may write it in pieces.
                var read = await client.GetStream().ReadAsync(request.AsMemory(length));
                if (read == 0) break;
                length += read;
            }

            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
            return Encoding.ASCII.GetString(request, 0, length);
        });

        Assert.Equal(code, Health(((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture), "any"));
        Assert.StartsWith("GET /health HTTP/1.0\r\nHost: localhost\r\n", await served, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_whose_port_nobody_listens_on_is_not()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        listener.Stop();

        Assert.Equal(1, Health(port, "any"));
        Assert.Equal(1, Health("127.0.0.1:" + port, ""));
    }

    [Fact]
    public void A_service_that_takes_the_connection_and_says_nothing_is_not_waited_for_long()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Assert.Equal(1, Health(listener.LocalEndpoint.ToString()!, "any"));
    }

    [Fact]
    public void The_folders_of_config_are_made_once_and_belong_to_the_services_user()
    {
        // Root hands them over; anybody else can make them for himself alone.
        var user = _shell.Run("id", "-u").Output.Trim() is "0" ? "1000" : _shell.Run("id", "-u").Output.Trim();
        _shell.Write("config/web/custom-config.js", "// kept");

        var (code, output) = _shell.Run("sh", "deploy/docker/init.sh", _shell.At("config"), user);

        Assert.True(code == 0, output);
        foreach (var folder in new[] { "web", "storage/web", "signalling", "jicofo", "jvb", "auth" })
        {
            Assert.Equal(user, _shell.Run("stat", "-c", "%u", _shell.At("config/" + folder)).Output.Trim());
        }

        Assert.Equal(user, _shell.Run("stat", "-c", "%u", _shell.At("config/web/custom-config.js")).Output.Trim());
        Assert.Equal("// kept", _shell.Read("config/web/custom-config.js"));
        Assert.Equal((0, ""), _shell.Run("sh", "deploy/docker/init.sh", _shell.At("config"), user));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_ends_with_one_line_that_names_it()
    {
        _shell.Write("config/storage", "a file in the way");

        var (code, output) = _shell.Run("sh", "deploy/docker/init.sh", _shell.At("config"), _shell.Run("id", "-u").Output.Trim());

        Assert.NotEqual(0, code);
        Assert.Contains("FATAL: CONFIG/storage/web cannot be made", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_container_of_commands_leads_each_to_its_program()
    {
        _shell.Write("deploy/docker/tools/mesh", _shell.Read("deploy/docker/tools/mesh").Replace("/usr/local/lib/jitsimesh", _shell.At("deploy/docker/auth"), StringComparison.Ordinal));
        _shell.Command("dotnet", "echo \"$@\"; cat");

        // With a word about the certificate, which the doctor finds to be for another name.
        const string Note = "\nmesh: PUBLIC_URL names no other machine: the page is looked for in the edge's container, for whose name there is no certificate";
        Assert.Equal("/app/doctor/JitsiMesh.Doctor.dll --url https://edge-proxy:8443 --insecure --json" + Note, Mesh([], "doctor", "--json"));
        Assert.Equal("/app/doctor/JitsiMesh.Doctor.dll --url https://edge-proxy:8443 --insecure" + Note, Mesh(new() { ["PUBLIC_URL"] = "https://localhost:8443" }, "doctor"));
        Assert.Equal("/app/doctor/JitsiMesh.Doctor.dll --url https://other.example", Mesh([], "doctor", "--url", "https://other.example"));
        Assert.Equal("/app/doctor/JitsiMesh.Doctor.dll", Mesh(new() { ["PUBLIC_URL"] = "https://meet.example.org" }, "doctor"));
        Assert.Equal("/app/auth/JitsiMesh.Auth.Host.dll users list", Mesh([], "users", "list"));
        Assert.Equal("/app/auth/JitsiMesh.Auth.Host.dll upgrade --check -", Mesh([], "upgrade", "--check", "-"));
        Assert.Equal("/app/signalling/JitsiMesh.Signalling.Host.dll webhook test", Mesh([], "webhook", "test"));
        Assert.Equal("/app/auth/JitsiMesh.Auth.Host.dll token check -", Mesh([], "token", "check", "-"));

        // The password stands in no process's arguments.
        Assert.Equal("/app/auth/JitsiMesh.Auth.Host.dll prosodyctl register ada meet.jitsi\nsecret", Mesh([], "prosodyctl", "register", "ada", "meet.jitsi", "secret"));
        Assert.Equal(2, _shell.Run("sh", "deploy/docker/tools/mesh", "explode").Code);
        Assert.Contains("usage:", Mesh([]), StringComparison.Ordinal);
    }

    private string Mesh(Dictionary<string, string> environment, params string[] arguments)
    {
        if (!environment.ContainsKey("PUBLIC_URL")) environment["PUBLIC_URL"] = "";
        var (code, output) = _shell.Run(environment, "sh", ["deploy/docker/tools/mesh", .. arguments]);
        Assert.True(code == 0, output);
        return output.Trim();
    }

    private int Health(string port, string listen) =>
        _shell.Run(new Dictionary<string, string> { ["MESH_HTTP_PORT"] = port, ["MESH_LISTEN_ADDRESS"] = listen }, "bash", "deploy/docker/health").Code;
}
