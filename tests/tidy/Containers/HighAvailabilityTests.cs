using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>ha.yml: brokers, stores and Sentinels over docker-compose.yml, held as everything there.</summary>
public sealed partial class HighAvailabilityTests
{
    private static readonly Compose Main = Compose.ReadFile("docker-compose.yml");
    private static readonly Compose File = Compose.ReadFile("ha.yml");

    private static IEnumerable<KeyValuePair<string, YamlMappingNode>> Own => File.Services.Where(service => !Main.Services.ContainsKey(service.Key));

    [Fact]
    public void Its_own_containers_are_held_like_the_others_and_publish_nothing()
    {
        Assert.Equal(["rabbitmq-2", "rabbitmq-3", "redis-2", "redis-3", "sentinel-1", "sentinel-2", "sentinel-3"], Own.Select(service => service.Key).Order(StringComparer.Ordinal));
        foreach (var (service, block) in Own)
        {
            Assert.True(Compose.Texts(block, "cap_drop").SequenceEqual(["ALL"]), $"{service} keeps capabilities");
            Assert.Equal(["no-new-privileges:true"], Compose.Texts(block, "security_opt"));
            Assert.Equal(["true"], Compose.Texts(block, "read_only"));
            Assert.Equal([service.StartsWith("rabbitmq", StringComparison.Ordinal) ? "rabbitmq" : "redis"], Compose.Texts(block, "user"));
            Assert.Equal(["meet.jitsi"], Compose.Names(block, "networks"));
            Assert.Equal([service], Compose.Texts(block, "hostname"));
            Assert.True(block.Children.ContainsKey("logging") && block.Children.ContainsKey("ulimits") && block.Children.ContainsKey("healthcheck"), service);

            // Each its own volume, or one would write over another's data.
            Assert.StartsWith(service + ":", Assert.Single(Compose.Texts(block, "volumes")), StringComparison.Ordinal);
            Assert.Contains(service, File.Volumes);
        }

        Assert.DoesNotContain(File.Services.Values, block => block.Children.ContainsKey("ports") || block.Children.ContainsKey("privileged") || block.Children.ContainsKey("network_mode"));
    }

    [Fact]
    public void Every_service_knows_all_brokers_and_all_Sentinels_and_waits_for_none_of_them_to_be_healthy()
    {
        var brokers = File.Services.Keys.Where(name => name.StartsWith("rabbitmq", StringComparison.Ordinal)).Select(name => name + ":5672");
        var sentinels = File.Services.Keys.Where(name => name.StartsWith("sentinel", StringComparison.Ordinal)).Select(name => name + ":26379");
        foreach (var (service, _) in Main.Services.Where(service => ComposeTests.ServiceOf(service.Value) is not null))
        {
            var block = File.Services[service];
            var environment = Compose.Environment(block);
            Assert.EndsWith("@" + string.Join(',', brokers), environment["MESH_BUS"], StringComparison.Ordinal);
            Assert.StartsWith(string.Join(',', sentinels) + ",serviceName=mesh,password=", environment["MESH_REDIS"], StringComparison.Ordinal);
            if (service == "mesh") continue;
            Assert.Equal(Own.Select(other => other.Key).Order(StringComparer.Ordinal), Compose.Names(block, "depends_on").Order(StringComparer.Ordinal));
            Assert.All(((YamlMappingNode)block["depends_on"]).Children.Values, condition => Assert.Equal(["service_started"], Compose.Texts((YamlMappingNode)condition, "condition")));
        }
    }

    [Fact]
    public void No_process_has_a_secret_among_its_arguments()
    {
        foreach (var (service, block) in File.Services)
        {
            foreach (var argument in Compose.Texts(block, "command"))
            {
                // What compose puts in stands in every list of processes. Between "<<CONF" and its end stands what is read from a file or the standard input; printf is the shell's own.
                Assert.DoesNotContain("${", argument.Replace("$$", "", StringComparison.Ordinal), StringComparison.Ordinal);
                foreach (Match used in Secret().Matches(HereDocument().Replace(argument, "").Replace("printf 'cookie:%s' \"$$MESH_RABBITMQ_PASSWORD\" |", "", StringComparison.Ordinal))) Assert.Fail($"{service}: {used.Value} becomes an argument");
            }
        }
    }

    [GeneratedRegex(@"\$\$\{?[A-Z][A-Z0-9_]*")]
    private static partial Regex Secret();

    [GeneratedRegex(@"<<CONF\n.*?\n *CONF\n", RegexOptions.Singleline)]
    private static partial Regex HereDocument();
}
