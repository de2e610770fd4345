using System.Xml.Linq;

namespace JitsiMesh.Tidy.Tests;

/// <summary>Which way references point (CONTRIBUTING, "Where things go").</summary>
public sealed class ProjectReferenceTests
{
    private static readonly string[] Protocols = ["Xmpp", "Jingle", "Rtp", "Srtp", "Ice", "Dtls", "Sctp", "Acme", "Turn"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Primitives"] = [],
        ["Contracts"] = [],
        ["Xmpp"] = ["Primitives"],
        ["Jingle"] = ["Xmpp", "Primitives"],
        ["Rtp"] = ["Primitives"],
        ["Srtp"] = ["Rtp", "Primitives"],
        ["Ice"] = ["Primitives"],
        ["Turn"] = ["Ice", "Primitives"],
        ["Dtls"] = ["Primitives"],
        ["Sctp"] = ["Primitives"],
        ["Acme"] = [],
        ["PeerTransport"] = ["Ice", "Dtls", "Srtp", "Sctp", "Rtp", "Primitives"],
        ["Hosting"] = ["Contracts", "Primitives"],
        ["Headless"] = ["Xmpp", "Jingle", "Rtp", "Srtp", "Ice", "Dtls", "Sctp", "PeerTransport", "Primitives"],
    };

    [Fact]
    public void Shared_projects_reference_only_what_lies_below_them()
    {
        var seen = 0;
        foreach (var project in Repository.Files("shared", "*.csproj"))
        {
            var name = Name(project);
            Assert.True(Allowed.ContainsKey(name), $"{Repository.Relative(project)}: say in this test what it may reference");
            foreach (var reference in References(project))
            {
                Assert.True(Allowed[name].Contains(reference), $"{name} must not reference {reference}");
            }

            seen++;
        }

        Assert.True(seen >= 10, "the shared projects were not found");
    }

    [Fact]
    public void A_service_references_no_other_service()
    {
        foreach (var project in Repository.Files("services", "*.csproj").Where(p => !IsComposition(p)))
        {
            var own = Service(project);
            foreach (var reference in ReferencePaths(project).Where(r => Repository.Relative(r).StartsWith("services/", StringComparison.Ordinal)))
            {
                Assert.True(Service(reference) == own, $"{Repository.Relative(project)} references {Repository.Relative(reference)}");
            }
        }
    }

    [Fact]
    public void Nothing_that_ships_references_the_tests()
    {
        foreach (var project in Repository.Files("shared", "*.csproj").Concat(Repository.Files("services", "*.csproj")))
        {
            Assert.DoesNotContain(ReferencePaths(project), r => Repository.Relative(r).StartsWith("tests/", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Protocol_libraries_take_no_package()
    {
        foreach (var project in Repository.Files("shared", "*.csproj").Where(p => Protocols.Contains(Name(p)) || Name(p) is "Primitives" or "PeerTransport"))
        {
            var packages = XDocument.Load(project).Descendants("PackageReference").Select(e => (string?)e.Attribute("Include"));
            Assert.Empty(packages);
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("JitsiMesh.sln").Replace('\\', '/');
        foreach (var project in Repository.Files("shared", "*.csproj").Concat(Repository.Files("services", "*.csproj")).Concat(Repository.Files("tests", "*.csproj")))
        {
            Assert.Contains(Repository.Relative(project), solution, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void MassTransit_is_pinned_to_its_last_free_line()
    {
        var packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Where(e => ((string?)e.Attribute("Include"))!.StartsWith("MassTransit", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, packages.Count);
        Assert.All(packages, e => Assert.Equal("[8.5.12]", (string?)e.Attribute("Version")));
    }

    private static bool IsComposition(string project) => Repository.Relative(project).StartsWith("services/all-in-one/", StringComparison.Ordinal);

    private static string Service(string project) => Repository.Relative(project).Split('/')[1];

    private static string Name(string project) => Path.GetFileNameWithoutExtension(project).Replace("JitsiMesh.", "", StringComparison.Ordinal);

    private static IEnumerable<string> References(string project) => ReferencePaths(project).Select(Name);

    private static IEnumerable<string> ReferencePaths(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(e => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, ((string?)e.Attribute("Include"))!.Replace('\\', '/'))));
}
