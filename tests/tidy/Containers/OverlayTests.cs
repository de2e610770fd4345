using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>The files beside docker-compose.yml that bring one more thing each, and the profiles of the same names.</summary>
public sealed partial class OverlayTests
{
    private static readonly Compose Main = Compose.ReadFile("docker-compose.yml");

    /// <summary>Names of images and the like that no service reads and no schema has: docs/containers.md lists them.</summary>
    private static readonly string[] Undeclared = ["CONFIG", "HTTP_PORT", "HTTPS_PORT", "JVB_PORT"];

    public static TheoryData<string> Overlays => [.. Compose.Overlays];

    [Theory]
    [MemberData(nameof(Overlays))]
    public void A_profile_starts_the_containers_of_the_file_of_its_name(string name)
    {
        var own = Compose.ReadFile(name + ".yml");
        var ofProfile = Main.Services.Values.Where(block => Compose.Texts(block, "profiles").SequenceEqual([name])).Select(WithoutProfile).Order(StringComparer.Ordinal);

        Assert.NotEmpty(own.Services);
        Assert.Equal(own.Services.Values.Select(WithoutProfile).Order(StringComparer.Ordinal), ofProfile);

        // One of the same name would not start by the file alone: its profile would come with it.
        Assert.Empty(own.Services.Keys.Intersect(Main.Services.Keys, StringComparer.Ordinal));
        Assert.All(own.Volumes, volume => Assert.Contains(volume, Main.Volumes));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Such_a_file_publishes_on_loopback_alone_and_gives_its_containers_no_more_than_they_need(string name)
    {
        foreach (var (service, block) in Compose.ReadFile(name + ".yml").Services)
        {
            Assert.All(Compose.Texts(block, "ports"), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
            Assert.False(block.Children.ContainsKey("privileged"), service);
            Assert.False(block.Children.ContainsKey("network_mode"), service);
            Assert.DoesNotContain(Compose.Texts(block, "volumes"), volume => volume.Contains("docker.sock", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_container_is_held_the_same()
    {
        foreach (var (service, block) in Main.Services)
        {
            Assert.True(Compose.Texts(block, "cap_drop").SequenceEqual(["ALL"]), $"{service} keeps capabilities");
            Assert.True(Compose.Texts(block, "security_opt").Contains("no-new-privileges:true", StringComparer.Ordinal), $"{service} may get privileges");

            // Etherpad writes its keys beside its program, the whiteboard's image is not ours to know.
            Assert.True(Compose.Texts(block, "read_only").SequenceEqual(["true"]) || service is "documents" or "drawings", $"{service} can write to its image");
            var logging = (YamlMappingNode)((YamlMappingNode)block["logging"])["options"];
            Assert.True(logging.Children.ContainsKey("max-size") && logging.Children.ContainsKey("max-file"), $"{service}'s log grows without end");
        }
    }

    [Theory]
    [InlineData("focus", "JICOFO_MAX_MEMORY")]
    [InlineData("media-bridge", "VIDEOBRIDGE_MAX_MEMORY")]
    [InlineData("signalling", "MESH_SIGNALLING_MAX_MEMORY")]
    [InlineData("auth", "MESH_AUTH_MAX_MEMORY")]
    [InlineData("edge-proxy", "MESH_EDGE_MAX_MEMORY")]
    [InlineData("sip-gateway", "MESH_MAX_MEMORY")]
    [InlineData("recorder", "MESH_MAX_MEMORY")]
    public void A_container_is_held_by_the_setting_that_its_process_goes_by(string service, string setting)
    {
        var containers = Main.Services.Values.Where(block => ComposeTests.ServiceOf(block) == service).ToList();

        Assert.NotEmpty(containers);
        Assert.All(containers, block => Assert.Equal([$"${{{setting}:-0}}"], Compose.Texts(block, "mem_limit")));
    }

    [Fact]
    public void Images_of_our_own_have_a_version_and_are_never_fetched()
    {
        var version = Regex.Match(Repository.Read("Directory.Build.props"), "<Version>(.*)</Version>").Groups[1].Value;
        foreach (var block in Main.Services.Values.Where(block => block.Children.ContainsKey("build")))
        {
            Assert.EndsWith($":${{JITSIMESH_IMAGE_VERSION:-{version}}}", Assert.Single(Compose.Texts(block, "image")), StringComparison.Ordinal);
            Assert.Equal(["${JITSIMESH_PULL_POLICY:-build}"], Compose.Texts(block, "pull_policy"));
            var dockerfile = Repository.Read($"services/{ComposeTests.ServiceOf(block)}/Dockerfile");
            Assert.Contains($"ARG VERSION={version}\n", dockerfile, StringComparison.Ordinal);
            Assert.Contains("org.opencontainers.image.version=\"${VERSION}\"", dockerfile, StringComparison.Ordinal);
        }

        Assert.Contains($"default = \"{version}\"", Repository.Read("docker-bake.hcl"), StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_below_config_are_made_by_the_init_job()
    {
        var made = Regex.Match(Repository.Read("deploy/docker/init.sh"), "for folder in (.*); do").Groups[1].Value.Split(' ');
        var mounted = Main.Services.Where(s => s.Key != "init").SelectMany(s => Compose.Texts(s.Value, "volumes")).Select(v => ConfigFolder().Match(v)).Where(m => m.Success).Select(m => m.Groups[1].Value);
        Assert.Equal(mounted.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_health_check_starts_a_runtime()
    {
        foreach (var path in Repository.Files("services", "Dockerfile"))
        {
            var check = File.ReadAllLines(path).SingleOrDefault(line => line.StartsWith("HEALTHCHECK", StringComparison.Ordinal));
            Assert.True(check is null ? path.Contains("/doctor/", StringComparison.Ordinal) : check.EndsWith("CMD [\"health\"]", StringComparison.Ordinal), $"{path}: {check}");
        }
    }

    [Fact]
    public void What_a_file_takes_from_env_and_looks_like_a_setting_is_declared()
    {
        var used = Compose.Overlays.Append("docker-compose").Append("ipv6").Append("ha").SelectMany(name => Variable().Matches(Repository.Read(name + ".yml"))).Select(m => m.Groups[1].Value).Distinct(StringComparer.Ordinal);
        var page = Repository.Read("docs/containers.md");
        foreach (var name in used)
        {
            var declared = Declarations.All.Any(d => d.Name == name) || Declarations.Names.ContainsKey(name) || Undeclared.Contains(name, StringComparer.Ordinal);
            Assert.True(declared || (!name.StartsWith("MESH_", StringComparison.Ordinal) && page.Contains($"`{name}", StringComparison.Ordinal)), $"{name} is no declared setting, and docs/containers.md does not name it");
        }
    }

    // By profile a service may wait for others as well: a file that others extend cannot say what it waits for.
    private static string WithoutProfile(YamlMappingNode block) =>
        string.Join('\n', block.Children.Where(pair => ((YamlScalarNode)pair.Key).Value is not ("profiles" or "depends_on")).Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^\$\{CONFIG[^}]*\}/([^:]+):")]
    private static partial Regex ConfigFolder();

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z][A-Z0-9_]*)")]
    private static partial Regex Variable();
}
