using System.Globalization;
using System.Net;
using System.Net.Security;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>
/// docker-compose.yml as an operator brings it up: env.example, gen-passwords.sh, a project and ports of its own, data in a folder that goes away. The
/// bridge offers loopback alone, so that media goes through the published port.
/// </summary>
public sealed class ComposeMesh : IAsyncLifetime
{
    // Made by deploy/docker/base-images.sh, beside the official ones that the Dockerfiles name.
    private const string OwnPrefix = "jitsimesh-base";
    private const string OfficialSdk = "mcr.microsoft.com/dotnet/sdk:10.0";

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(3);
    private static readonly Lazy<string?> WhatIsMissing = new(Look);

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-").FullName;
    private readonly string _project = "mesh" + Guid.NewGuid().ToString("N")[..8];
    private int _https;

    /// <summary>What keeps compose from running here, for a skipped test's line; null when nothing does.</summary>
    public static string? Missing => WhatIsMissing.Value;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{_https}");

    /// <summary>compose for this project; a subcommand is to follow, and <see cref="Variables"/> to go with it.</summary>
    public string[] Command => [.. HasPlugin ? new[] { "docker", "compose" } : ["docker-compose"], "--project-name", _project, "--env-file", EnvFile, "--file", Tree.Path("docker-compose.yml")];

    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string> { ["MESH_ENV_FILE"] = EnvFile };

    private static bool HasPlugin { get; set; }

    private string EnvFile => Path.Combine(_folder, ".env");

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        _https = FreePorts.Next();
        foreach (var name in new[] { "env.example", "gen-passwords.sh" }) File.Copy(Tree.Path(name), Path.Combine(_folder, name));
        var settings = new Dictionary<string, string>
        {
            ["CONFIG"] = Path.Combine(_folder, "config"),
            ["HTTPS_PORT"] = _https.ToString(CultureInfo.InvariantCulture),
            ["HTTP_PORT"] = FreePorts.Next().ToString(CultureInfo.InvariantCulture),
            ["JVB_PORT"] = FreePorts.Next().ToString(CultureInfo.InvariantCulture),
            ["JICOFO_REST_PORT"] = FreePorts.Next().ToString(CultureInfo.InvariantCulture),
            ["JVB_COLIBRI_PORT"] = FreePorts.Next().ToString(CultureInfo.InvariantCulture),

            // An engine inside of a container cannot give more than it has.
            ["MESH_OPEN_FILES"] = "8192",
            ["PUBLIC_URL"] = Url,
            ["JVB_ADVERTISE_IPS"] = "127.0.0.1",
            ["JVB_ADVERTISE_PRIVATE_CANDIDATES"] = "0",
            ["JVB_DISABLE_STUN"] = "1",
            ["RESTART_POLICY"] = "no",
        };
        if (await HasImageAsync(OwnPrefix + "/sdk"))
        {
            foreach (var (variable, image) in new[] { ("SDK_IMAGE", "sdk"), ("BASE_IMAGE", "aspnet"), ("NODE_IMAGE", "node"), ("RABBITMQ_IMAGE", "rabbitmq"), ("REDIS_IMAGE", "redis") }) settings[variable] = $"{OwnPrefix}/{image}";
        }

        var lines = (await File.ReadAllLinesAsync(Path.Combine(_folder, "env.example"))).Where(line => !settings.Keys.Any(name => line.StartsWith(name + "=", StringComparison.Ordinal)));
        await File.WriteAllLinesAsync(EnvFile, lines.Concat(settings.Select(s => $"{s.Key}={s.Value}")));
        await DemandAsync("bash", [Path.Combine(_folder, "gen-passwords.sh")], TimeSpan.FromMinutes(1));
        await ComposeAsync(["build"], BuildTime);
        await ComposeAsync(["up", "-d"], StartTime);
        await WaitForPageAsync();
    }

    public async Task DisposeAsync()
    {
        if (Missing is null) await ComposeAsync(["down", "--volumes", "--remove-orphans", "--timeout", "10"], StartTime);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the services have printed last.</summary>
    public async Task<string> LogAsync() => (await RunAsync(["logs", "--tail=100", "--no-color"], TimeSpan.FromMinutes(1))).Output;

    private static string? Look()
    {
        if (!Tree.Has("docker")) return "docker";
        if (Run("docker", "info").Code != 0) return "a Docker engine that answers";
        HasPlugin = Run("docker", "compose", "version").Code == 0;
        if (!HasPlugin && !Tree.Has("docker-compose")) return "docker compose";
        return HasImageAsync(OwnPrefix + "/sdk").GetAwaiter().GetResult() || HasImageAsync(OfficialSdk).GetAwaiter().GetResult()
            ? null
            : $"the images of deploy/docker/base-images.sh, or {OfficialSdk}";

        static (int Code, string Output) Run(string program, params string[] arguments) => Programs.RunAsync(program, arguments, Tree.Root, TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
    }

    private static async Task<bool> HasImageAsync(string image) => (await Programs.RunAsync("docker", ["image", "inspect", image], Tree.Root, TimeSpan.FromSeconds(30))).Code == 0;

    private Task<(int Code, string Output)> RunAsync(IEnumerable<string> arguments, TimeSpan limit) =>
        Programs.RunAsync(Command[0], [.. Command[1..], .. arguments], Tree.Root, limit, Variables);

    private async Task ComposeAsync(string[] arguments, TimeSpan limit)
    {
        var (code, output) = await RunAsync(arguments, limit);
        if (code != 0) throw new InvalidOperationException($"compose {arguments[0]} ended with {code}:\n{output}");
    }

    private async Task DemandAsync(string program, string[] arguments, TimeSpan limit)
    {
        var (code, output) = await Programs.RunAsync(program, arguments, _folder, limit);
        if (code != 0) throw new InvalidOperationException($"{program} ended with {code}:\n{output}");
    }

    private async Task WaitForPageAsync()
    {
#pragma warning disable CA5359 // The certificate is self-signed.
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
#pragma warning restore CA5359
        using var limit = new CancellationTokenSource(StartTime);
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Url + "/about/health"), limit.Token);
                if (answer.StatusCode == HttpStatusCode.OK) return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException("The page does not answer:\n" + await LogAsync());
            }

            await Task.Delay(500, CancellationToken.None);
        }
    }
}

/// <summary>Containers share the machine with nobody: other tests' browsers would starve them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ContainersGroup : ICollectionFixture<ComposeMesh>
{
    public const string Name = "containers";
}
