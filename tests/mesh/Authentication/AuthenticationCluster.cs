using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>A cluster of two auth, two signalling and two focus nodes in one mode, for the tests of a class. Started when the first asks.</summary>
public abstract class AuthenticationCluster : IAsyncLifetime
{
    private const string Scale = "auth=2,signalling=2,focus=2";

    /// <summary>Null until it has started.</summary>
    public ClusterMesh Mesh { get; private set; } = null!;

    protected abstract IReadOnlyDictionary<string, string?> Settings { get; }

    public async Task InitializeAsync()
    {
        if (NeedsClusterFactAttribute.Missing is not null) return;
        Mesh = new ClusterMesh(await ClusterProcess.StartAsync(Scale, Settings.ToDictionary(setting => setting.Key, setting => setting.Value!)));
    }

    public async Task DisposeAsync()
    {
        if (Mesh is not null) await Mesh.DisposeAsync();
    }

    /// <summary>How often an auth node has answered with an outcome.</summary>
    internal async Task<int> CountAsync(string node, string outcome)
    {
        var metrics = await Mesh.Cluster.InnerAsync(node, "/metrics");
        var match = Regex.Match(metrics, $"^jitsimesh_auth_admissions_total\\{{[^}}]*outcome=\"{outcome}\"[^}}]*\\}} ([0-9]+)", RegexOptions.Multiline);
        return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>An operator's command over the accounts of the cluster.</summary>
    internal async Task UsersAsync(string password, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Tree.Built("JitsiMesh.Auth.Host"), "users", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Mesh.Cluster.Folder };
        foreach (var (name, value) in Settings) start.Environment[name] = value;
        start.Environment["CONFIG"] = Mesh.Cluster.Folder;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(password);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }

    /// <summary>Looks through the logs and inner pages of every service, and the arguments of every process.</summary>
    internal async Task AssertNowhereAsync(IReadOnlyCollection<string> secrets)
    {
        List<(string Where, string Text)> places = [.. Mesh.Cluster.Log().Select(line => ($"log of {line.Service}", line.Line)), .. SecretScan.Arguments()];
        foreach (var service in Mesh.Cluster.InnerPorts.Keys) places.AddRange(await SecretScan.PagesAsync(service, path => Mesh.Cluster.InnerAsync(service, path)));
        SecretScan.AssertNowhere(secrets, places);
    }

    /// <summary>Waits until all that was killed is there again and healthy.</summary>
    internal async Task IsWholeAsync()
    {
        for (var end = Environment.TickCount64 + 120_000; ; await Task.Delay(200))
        {
            try
            {
                foreach (var node in Mesh.Nodes("auth")) await Mesh.Cluster.InnerAsync(node, "/health");
                return;
            }
            catch (HttpRequestException) when (Environment.TickCount64 < end)
            {
                // Not yet.
            }
        }
    }
}

public sealed class AccountsCluster : AuthenticationCluster
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(AuthenticationMode.Accounts) { ["ENABLE_GUESTS"] = "1" };
}

public sealed class TokensCluster : AuthenticationCluster
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = AuthenticationMode.Tokens;
}
