using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A package is in the tree because code uses it.</summary>
public sealed class PackageTests
{
    // What a project's own sources show of a package. A package that is used by the build alone says so.
    private static readonly Dictionary<string, string> Traces = new(StringComparer.Ordinal)
    {
        ["MassTransit"] = @"\busing MassTransit;",
        ["MassTransit.RabbitMQ"] = @"\bUsingRabbitMq\(",
        ["Grpc.AspNetCore"] = @"\.AddGrpc\(",
        ["Grpc.Net.Client"] = @"\busing Grpc\.Net\.Client;",
        ["Grpc.Core.Api"] = ".proto",
        ["Google.Protobuf"] = ".proto",
        ["Grpc.Tools"] = ".proto",
        ["StackExchange.Redis"] = @"\busing StackExchange\.Redis;",
        ["OpenTelemetry.Extensions.Hosting"] = @"\.AddOpenTelemetry\(",
        ["OpenTelemetry.Exporter.OpenTelemetryProtocol"] = @"\.AddOtlpExporter\(",
        ["OpenTelemetry.Exporter.Prometheus.AspNetCore"] = @"\.AddPrometheusExporter\(",
        ["OpenTelemetry.Instrumentation.Runtime"] = @"\.AddRuntimeInstrumentation\(",
        ["Yarp.ReverseProxy"] = @"\busing Yarp\.ReverseProxy",
        ["Microsoft.EntityFrameworkCore.Sqlite"] = @"\.UseSqlite\(",
        ["Npgsql.EntityFrameworkCore.PostgreSQL"] = @"\.UseNpgsql\(",
        ["Microsoft.AspNetCore.Authentication.OpenIdConnect"] = @"\.AddOpenIdConnect\(",
        ["System.CommandLine"] = @"\busing System\.CommandLine;",
        ["Microsoft.CodeAnalysis.BannedApiAnalyzers"] = "BannedSymbols.txt",
        ["Microsoft.NET.Test.Sdk"] = @"\[(Fact|Theory)",
        ["xunit"] = @"\[(Fact|Theory)",
        ["xunit.runner.visualstudio"] = @"\[(Fact|Theory)",
        ["FsCheck.Xunit"] = @"\busing FsCheck",
        ["Microsoft.Extensions.TimeProvider.Testing"] = @"\bFakeTimeProvider\b",
        ["YamlDotNet"] = @"\busing YamlDotNet",
    };

    private static readonly string[] Folders = ["shared", "services", "tests"];

    [Fact]
    public void Every_central_version_is_of_a_package_that_a_project_references()
    {
        var referenced = References().Select(r => r.Package).ToHashSet(StringComparer.Ordinal);
        var central = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(e => (string)e.Attribute("Include")!).ToList();
        Assert.True(central.Count > 15);
        Assert.Equal(central.Order(StringComparer.Ordinal), referenced.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reference_is_to_a_package_that_the_project_uses()
    {
        var idle = new List<string>();
        foreach (var (package, file) in References())
        {
            Assert.True(Traces.TryGetValue(package, out var trace), $"{Repository.Relative(file)} references {package}: say in this test by what one sees that it is used");
            var folder = Path.GetDirectoryName(file)!;
            var used = trace.StartsWith('.')
                ? Repository.Files(Repository.Relative(folder), "*" + trace).Any()
                : trace.EndsWith(".txt", StringComparison.Ordinal)
                    ? File.Exists(Path.Combine(folder, trace))
                    : Repository.Files(Repository.Relative(folder), "*.cs").Any(source => Regex.IsMatch(File.ReadAllText(source), trace));
            if (!used) idle.Add($"{Repository.Relative(file)} references {package} and does not use it");
        }

        Assert.True(idle.Count == 0, string.Join('\n', idle));
    }

    [Fact]
    public void Packages_are_looked_through_for_known_vulnerabilities()
    {
        var properties = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("PropertyGroup").Elements().ToDictionary(e => e.Name.LocalName, e => e.Value, StringComparer.Ordinal);
        Assert.Equal("true", properties["NuGetAudit"]);
        Assert.Equal("all", properties["NuGetAuditMode"]);
        Assert.Equal("low", properties["NuGetAuditLevel"]);
        Assert.Equal("true", properties["TreatWarningsAsErrors"]);
        foreach (var code in new[] { "NU1901", "NU1902", "NU1903", "NU1904" })
        {
            Assert.DoesNotContain(code, properties["WarningsNotAsErrors"], StringComparison.Ordinal);
            Assert.DoesNotContain(code, properties.GetValueOrDefault("NoWarn", ""), StringComparison.Ordinal);
        }
    }

    // Those of a props file count for the projects below it together.
    private static IEnumerable<(string Package, string File)> References() =>
        Folders.SelectMany(folder => Repository.Files(folder, "*.csproj").Concat(Repository.Files(folder, "*.props")))
            .SelectMany(file => XDocument.Load(file).Descendants("PackageReference").Select(e => ((string)e.Attribute("Include")!, file)));
}
