using System.Globalization;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests;

/// <summary>What .env says counts for <c>./mesh up</c>, and no value of the script's own is in its place.</summary>
public sealed class UpByEnvFileTests
{
    [Fact]
    public async Task Up_runs_with_the_folder_the_ports_and_the_address_of_the_file()
    {
        var folder = ServerProcess.NewFolder();
        var (https, http, media, inner) = (FreePorts.Next(), FreePorts.Next(), FreePorts.Next(), FreePorts.Next());
        var file = Path.Combine(folder, "old.env");
        await File.WriteAllLinesAsync(file,
        [
            $"CONFIG='{folder}/data' # of its own", $"HTTPS_PORT={Text(https)}", $"HTTP_PORT=127.0.0.1:{Text(http)}", $"JVB_PORT=127.0.0.1:{Text(media)}", $"MESH_HTTP_PORT={Text(inner)}",
            "JVB_DISABLE_STUN=1", "XMPP_DOMAIN=example.org", "PUBLIC_URL=https://localhost:${HTTPS_PORT}",
        ]);

        await using var process = ServerProcess.Start(Tree.Path("mesh"), ["up", "--no-build"], folder, new Dictionary<string, string> { ["MESH_ENV_FILE"] = file, ["CONFIG"] = "" }, "Ready: ");
        await process.ReadyAsync(TimeSpan.FromSeconds(60));

        Assert.Contains($"Ready: https://localhost:{Text(https)}", process.Log, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(folder, "data", ".mesh")));
        using var client = new HttpClient();
        var script = await client.GetStringAsync(new Uri($"http://127.0.0.1:{Text(http)}/config.js"));
        Assert.Contains($"wss://localhost:{Text(https)}/xmpp-websocket", script, StringComparison.Ordinal);
        Assert.Contains("muc.example.org", script, StringComparison.Ordinal);
        Assert.Contains(ListeningSockets.Of([process.Id], []), socket => socket.Protocol == "udp" && socket.Local.Port == media);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
