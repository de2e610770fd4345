using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace JitsiMesh.Tidy.Tests;

/// <summary>What docker-compose.yml hands to containers and to the world.</summary>
public sealed partial class ComposeTests
{
    private static readonly Compose File = Compose.ReadFile("docker-compose.yml");

    // With those that come by profile, which are those of the files of the same names.
    private static IEnumerable<KeyValuePair<string, YamlMappingNode>> OwnServices => File.Services.Where(s => ServiceOf(s.Value) is not null);

    /// <summary>The folder in services/ that a container's image is made of; null for other people's images.</summary>
    internal static string? ServiceOf(YamlMappingNode block) =>
        block.Children.TryGetValue("build", out var build) ? Compose.Texts((YamlMappingNode)build, "dockerfile").Single().Split('/')[1] : null;

    /// <summary>Every name whose value is a secret, with the services that may have it.</summary>
    private static Dictionary<string, IReadOnlyList<string>> SecretOwners
    {
        get
        {
            var owners = Declarations.Names.Where(n => SecretName().IsMatch(n.Key)).ToDictionary(
                n => n.Key, n => n.Value.Kind == "stops" ? [n.Value.Service] : (IReadOnlyList<string>)[], StringComparer.Ordinal);
            foreach (var declaration in Declarations.All.Where(d => d.IsSecret && d.Name is not ("MESH_BUS" or "MESH_REDIS")))
            {
                owners[declaration.Name] = declaration.HasNoEffect ? [] : declaration.ReadBy;
            }

            return owners;
        }
    }

    [Fact]
    public void A_container_has_the_secrets_that_its_service_needs_and_no_other()
    {
        Assert.True(SecretOwners.Count >= 20, $"{SecretOwners.Count} secrets");
        foreach (var (container, block) in OwnServices)
        {
            // The container of commands works on accounts and tokens, as auth does, and tries webhooks, which signalling signs.
            var isOfCommands = ServiceOf(block)! is "doctor";
            var service = isOfCommands ? "auth" : ServiceOf(block)!;
            var environment = Compose.Environment(block);
            foreach (var (secret, owners) in SecretOwners)
            {
                // Its value, or the file that holds it. Not named: as in .env. Named and empty: unset.
                foreach (var name in new[] { secret, secret + "_FILE" })
                {
                    var has = !environment.TryGetValue(name, out var value) || value.Length > 0;
                    Assert.True(has == (owners.Contains(service) || (isOfCommands && secret == "MESH_WEBHOOK_SECRET")), $"{container} {(has ? "has" : "lacks")} {name}, which {(owners.Count == 0 ? "nobody needs" : "is for " + string.Join(", ", owners))}");
                }
            }
        }
    }

    [Fact]
    public void What_a_block_sets_has_no_secret_but_those_of_the_broker_and_the_store()
    {
        foreach (var (service, block) in OwnServices)
        {
            foreach (var (name, value) in Compose.Environment(block).Where(e => e.Key is not ("MESH_BUS" or "MESH_REDIS")))
            {
                foreach (Match used in Variable().Matches(value)) Assert.False(SecretOwners.ContainsKey(used.Groups[1].Value), $"{service}: {name} holds {used.Groups[1].Value}");
            }
        }
    }

    [Fact]
    public void Env_reaches_every_service()
    {
        foreach (var (service, block) in OwnServices)
        {
            Assert.Equal("${MESH_ENV_FILE:-.env}", Assert.Single(Compose.Texts(block, "env_file")));
            foreach (var name in Compose.Environment(block).Keys)
            {
                var isFile = name.EndsWith("_FILE", StringComparison.Ordinal) && SecretOwners.ContainsKey(name[..^"_FILE".Length]);
                Assert.True(isFile || Declarations.Names.ContainsKey(name) || Declarations.All.Any(d => d.Name == name), $"{service}: {name} is not a known setting");
            }
        }
    }

    [Fact]
    public void Only_the_public_ports_are_published()
    {
        var published = File.Services.SelectMany(s => Compose.Texts(s.Value, "ports").Select(port => $"{s.Key} {port}")).Where(p => !p.Contains(" 127.0.0.1:", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(
            ["edge-proxy ${HTTPS_PORT:-8443}:8443", "edge-proxy ${HTTP_PORT:-8000}:8000", "media-bridge ${JVB_PORT:-10000}:${JVB_PORT:-10000}/udp", "media-bridge-2 ${MESH_SECOND_BRIDGE_PORT:-10001}:${MESH_SECOND_BRIDGE_PORT:-10001}/udp"],
            published);
        foreach (var (service, block) in File.Services.Where(s => s.Key != "init"))
        {
            Assert.False(block.Children.ContainsKey("network_mode"), service);
            Assert.Equal(["meet.jitsi"], Compose.Names(block, "networks"));
        }

        Assert.Equal(["none"], Compose.Texts(File.Services["init"], "network_mode"));
    }

    [Fact]
    public void No_process_has_a_secret_among_its_arguments()
    {
        foreach (var (service, block) in File.Services)
        {
            var arguments = Compose.Texts(block, "command").Concat(Compose.Texts(block, "entrypoint")).Append(block.Children.TryGetValue("healthcheck", out var check) ? string.Join(' ', Compose.Texts((YamlMappingNode)check, "test")) : "");
            foreach (var argument in arguments)
            {
                // "$$" is a shell's own variable, read inside of the container; what compose puts in stands in every list of processes.
                foreach (Match used in Variable().Matches(argument.Replace("$$", "", StringComparison.Ordinal)))
                {
                    var name = used.Groups[1].Value;
                    Assert.False(SecretName().IsMatch(name) || name is "MESH_BUS" or "MESH_REDIS", $"{service}: {name} becomes an argument");
                }

                // What follows "<<CONF" goes to the standard input.
                foreach (Match used in ShellVariable().Matches(argument.Split("<<CONF")[0])) Assert.Fail($"{service}: {used.Value} becomes an argument");
            }
        }
    }

    [Fact]
    public void A_container_listens_for_the_other_containers()
    {
        foreach (var (service, block) in OwnServices)
        {
            Assert.Equal("any", Compose.Environment(block)["MESH_LISTEN_ADDRESS"]);
            Assert.Contains(" MESH_LISTEN_ADDRESS=any\n", Repository.Read($"services/{ServiceOf(block)}/Dockerfile"), StringComparison.Ordinal);
            Assert.Equal(("8080", "8081"), (Compose.Environment(block)["MESH_HTTP_PORT"], Compose.Environment(block)["MESH_GRPC_PORT"]));
        }

        // Its inner pages are for the container alone.
        Assert.DoesNotContain("MESH_LISTEN_ADDRESS", Repository.Read("services/all-in-one/Dockerfile"), StringComparison.Ordinal);
    }

    [GeneratedRegex("(PASSWORD|SECRET|BINDPW|PRIVATE_KEY|AUTH_TOKEN|TURN_CREDENTIALS)$")]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\$\{([A-Z][A-Z0-9_]*)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\$\{?[A-Z][A-Z0-9_]*")]
    private static partial Regex ShellVariable();
}
