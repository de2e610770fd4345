using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Hosting.Bus;

/// <summary>How modules take part in the bus. They publish through MassTransit's <see cref="IBus"/>.</summary>
public static class MeshConsumers
{
    /// <summary>Each node gets each message: facts such as <c>BridgeStatusReported</c>. What was published while the node was away is lost to it.</summary>
    public static IServiceCollection AddNodeConsumer<TConsumer>(this IServiceCollection services) where TConsumer : class, IConsumer =>
        services.AddConsumer<TConsumer>(everyNode: true);

    /// <summary>One node of the service gets each message: orders that any of them can carry out.</summary>
    public static IServiceCollection AddSharedConsumer<TConsumer>(this IServiceCollection services) where TConsumer : class, IConsumer =>
        services.AddConsumer<TConsumer>(everyNode: false);

    private static IServiceCollection AddConsumer<TConsumer>(this IServiceCollection services, bool everyNode) where TConsumer : class, IConsumer
    {
        // AddMassTransit was called by AddMeshDefaults already and takes consumers only in its own callback, so that these are kept apart.
        services.AddScoped<TConsumer>();
        return services.AddSingleton(new MeshConsumer(typeof(TConsumer).FullName!, everyNode, (endpoint, context) => endpoint.Consumer<TConsumer>(context)));
    }
}

internal sealed record MeshConsumer(string TypeName, bool EveryNode, Action<IReceiveEndpointConfigurator, IRegistrationContext> Configure)
{
    public static void ConfigureAll(IBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
        var node = context.GetRequiredService<MeshNode>();
        foreach (var consumer in context.GetServices<MeshConsumer>())
        {
            var name = Regex.Replace(consumer.TypeName.Replace("JitsiMesh.", "", StringComparison.Ordinal), "[^A-Za-z0-9.]", "-").ToLowerInvariant();
            if (consumer.EveryNode)
            {
                bus.ReceiveEndpoint(new TemporaryEndpointDefinition($"{name}.{node.NodeId}", 16), null, endpoint => consumer.Configure(endpoint, context));
            }
            else
            {
                bus.ReceiveEndpoint($"{node.ServiceName}.{name}", endpoint => consumer.Configure(endpoint, context));
            }
        }
    }
}
