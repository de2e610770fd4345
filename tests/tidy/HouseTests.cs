using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>The rooms of the house: what every folder carries, and what must agree between two places.</summary>
public sealed partial class HouseTests
{
    // Beside them services/ holds the compositions and clients of these: all-in-one, web, and doctor, a tool that nothing calls; its image has the commands of ./mesh.
    private static readonly string[] Tools = ["doctor"];

    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy"];

    [Fact]
    public void Compose_and_tye_list_the_same_services()
    {
        var compose = Compose.ReadFile("docker-compose.yml").Services.Keys.ToHashSet(StringComparer.Ordinal);
        var tye = TyeName().Matches(Repository.Read("tye.yaml")).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(Services.Append("rabbitmq").Append("redis").Order(StringComparer.Ordinal), tye.Order(StringComparer.Ordinal));
        Assert.Superset(tye, compose);
    }

    [Fact]
    public void Every_service_has_a_library_a_host_a_readme_and_a_dockerfile()
    {
        foreach (var service in Services)
        {
            var folder = Path.Combine(Repository.Root, "services", service);
            Assert.Equal(2, Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories).Count(p => !p.Contains("/obj/", StringComparison.Ordinal)));
            Assert.True(File.Exists(Path.Combine(folder, "Dockerfile")), $"{service} has no Dockerfile");
            var readme = Repository.Read($"services/{service}/README.md");
            foreach (var heading in new[] { "Purpose", "Doors", "Options", "Run alone" })
            {
                Assert.Contains(heading, readme, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void A_tool_has_a_readme_and_no_host()
    {
        foreach (var tool in Tools)
        {
            var folder = Path.Combine(Repository.Root, "services", tool);
            Assert.Single(Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories), p => !p.Contains("/obj/", StringComparison.Ordinal));
            var readme = Repository.Read($"services/{tool}/README.md");
            foreach (var heading in new[] { "Purpose", "Doors", "Options", "Run alone" }) Assert.Contains(heading, readme, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Every_protocol_library_says_what_it_leaves_out()
    {
        foreach (var library in new[] { "Xmpp", "Jingle", "Rtp", "Srtp", "Ice", "Dtls", "Sctp", "Acme", "Turn", "PeerTransport" })
        {
            var readme = Repository.Read($"shared/{library}/README.md");
            foreach (var heading in new[] { "Implemented", "Left out", "Why" })
            {
                Assert.Contains(heading, readme, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void Every_protocol_library_has_a_fuzz_target_in_the_ordinary_suite()
    {
        foreach (var library in new[] { "Xmpp", "Jingle", "Rtp", "Srtp", "Ice", "Dtls", "Sctp", "Acme", "Turn", "PeerTransport" })
        {
            Assert.NotEmpty(Repository.Files($"tests/shared/{library}.Tests", "*Fuzz*.cs"));
        }
    }

    [Fact]
    public void Every_decision_gives_its_context_choice_alternatives_and_what_would_change_it()
    {
        var decisions = Repository.Files("docs/decisions", "*.md").Where(p => DecisionFile().IsMatch(Path.GetFileName(p))).ToList();
        Assert.True(decisions.Count >= 5);
        foreach (var path in decisions)
        {
            var text = File.ReadAllText(path);
            foreach (var heading in new[] { "## Context", "## Choice", "## What else was weighed", "## What would change it" })
            {
                Assert.True(text.Contains(heading, StringComparison.Ordinal), $"{Repository.Relative(path)} lacks '{heading}'");
            }
        }
    }

    [Fact]
    public void The_readme_shows_the_two_commands()
    {
        var readme = Repository.Read("README.md");
        Assert.Contains("./mesh up", readme, StringComparison.Ordinal);
        Assert.Contains("./mesh test", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void What_holds_secrets_is_kept_out_of_the_tree_and_of_images()
    {
        foreach (var file in new[] { ".env", ".env.bak" })
        {
            Assert.Contains(file, Repository.Read(".gitignore").Split('\n'));
            Assert.Contains(file, Repository.Read(".dockerignore").Split('\n'));
        }

        Assert.Contains("deploy/docker/mirror/*", Repository.Read(".gitignore").Split('\n'));
    }

    [GeneratedRegex(@"^\s*- name:\s*([a-z][a-z0-9-]*)", RegexOptions.Multiline)]
    private static partial Regex TyeName();

    [GeneratedRegex(@"^\d{4}-[a-z0-9-]+\.md$")]
    private static partial Regex DecisionFile();
}
