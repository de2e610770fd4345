using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>What crosses a border has somebody on both sides of it.</summary>
public sealed partial class ContractTests
{
    private static readonly string Sources = string.Join('\n', new[] { "shared/Hosting", "services" }.SelectMany(folder => Repository.Files(folder, "*.cs")).Select(File.ReadAllText));

    [Fact]
    public void Every_message_of_the_bus_has_a_sender_and_a_consumer()
    {
        var contracts = string.Join('\n', Repository.Files("shared/Contracts/Bus", "*.cs").Select(File.ReadAllText));

        // A part of a message comes with it.
        var messages = Record().Matches(contracts).Select(m => m.Groups[1].Value).Where(name => !contracts.Contains($"IReadOnlyList<{name}>", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(messages);
        var alone = messages.SelectMany(message => new[]
        {
            Regex.IsMatch(Sources, $@"new (Contracts\.Bus\.)?{message}\b") ? null : $"nobody sends {message}",
            Regex.IsMatch(Sources, $@": IConsumer<{message}>") ? null : $"nobody consumes {message}",
        }).OfType<string>().ToList();
        Assert.True(alone.Count == 0, string.Join('\n', alone));
    }

    [Fact]
    public void Every_consumer_is_registered()
    {
        var consumers = Consumer().Matches(Sources).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(consumers);
        Assert.All(consumers, consumer => Assert.Contains($"AddNodeConsumer<{consumer}>", Sources, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_grpc_method_has_a_server_and_a_caller()
    {
        var services = 0;
        var alone = new List<string>();
        foreach (var file in Repository.Files("shared/Contracts/Proto", "*.proto"))
        {
            foreach (Match service in GrpcService().Matches(File.ReadAllText(file)))
            {
                services++;
                var name = service.Groups[1].Value;
                var server = Repository.Files("services", "*.cs").Select(File.ReadAllText).FirstOrDefault(text => Regex.IsMatch(text, $@": ([\w.]+\.)?{name}\.{name}Base\b"));
                Assert.True(server is not null, $"nobody serves {name}");
                foreach (Match method in GrpcMethod().Matches(service.Value))
                {
                    var call = method.Groups[1].Value;
                    if (!Regex.IsMatch(server!, $@"override (async )?Task<\w+> {call}\(")) alone.Add($"{name}.{call} is not served");
                    if (!Regex.IsMatch(Sources, $@"\.{call}Async\(\s*new {call}Request\b|\.{call}Async\(\w*[rR]equest\b")) alone.Add($"{name}.{call} is not called");
                }
            }
        }

        Assert.True(services >= 2, $"{services} services were found");
        Assert.True(alone.Count == 0, string.Join('\n', alone));
    }

    [Fact]
    public void Every_grpc_service_is_mapped_behind_the_meshs_credential()
    {
        // Hosting adds the interceptor to all of them; a service with an own set of interceptors or an anonymous one would not have it.
        Assert.Contains("options.Interceptors.Add<MeshCredentialServerInterceptor>()", Repository.Read("shared/Hosting/MeshDefaults.cs"), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"AddServiceOptions<|AllowAnonymous|Interceptors\.Clear", Sources);
        foreach (var handler in new[] { "UnaryServerHandler", "ClientStreamingServerHandler", "ServerStreamingServerHandler", "DuplexStreamingServerHandler" })
        {
            Assert.Matches($@"override Task(<TResponse>)? {handler}<[^{{]*\{{\s*Demand\(context\);", Repository.Read("shared/Hosting/Connections/MeshCredentialInterceptors.cs"));
        }
    }

    [GeneratedRegex(@"^public (?:sealed )?record (\w+)", RegexOptions.Multiline)]
    private static partial Regex Record();

    [GeneratedRegex(@"class (\w+)(?:\([^)]*\))? : IConsumer<")]
    private static partial Regex Consumer();

    [GeneratedRegex(@"service (\w+) \{[^}]*\}")]
    private static partial Regex GrpcService();

    [GeneratedRegex(@"rpc (\w+)\(")]
    private static partial Regex GrpcMethod();
}
