using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Bus;

/// <summary>How modules take part in the bus. They publish through MassTransit's <see cref="IBus"/>.</summary>
public static class MeshConsumers
{
    /// <summary>Each node gets each message: facts such as <c>BridgeStatusReported</c>. What was published while the node was away is lost to it.</summary>
    public static IServiceCollection AddNodeConsumer<TConsumer>(this IServiceCollection services) where TConsumer : class, IConsumer
    {
        // AddMassTransit was called by AddMeshDefaults already and takes consumers only in its own callback, so that these are kept apart.
        services.AddScoped<TConsumer>();
        return services.AddSingleton(new MeshConsumer(typeof(TConsumer).FullName!, (endpoint, context) => endpoint.Consumer<TConsumer>(context)));
    }
}

internal sealed record MeshConsumer(string TypeName, Action<IReceiveEndpointConfigurator, IRegistrationContext> Configure)
{
    public static void ConfigureAll(IBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
        var node = context.GetRequiredService<MeshNode>();
        var filter = new BusMessageFilter(context.GetRequiredService<ILogger<BusMessageFilter>>());
        foreach (var consumer in context.GetServices<MeshConsumer>())
        {
            var name = Regex.Replace(consumer.TypeName.Replace("JitsiMesh.", "", StringComparison.Ordinal), "[^A-Za-z0-9.]", "-").ToLowerInvariant();
            bus.ReceiveEndpoint(new TemporaryEndpointDefinition($"{name}.{node.NodeId}", 16), null, endpoint =>
            {
                endpoint.ConfigureReceive(pipe => pipe.UseFilter(filter));
                endpoint.DiscardFaultedMessages();
                endpoint.DiscardSkippedMessages();

                // It stands on one node of a cluster, and goes with this process's connection to it: what is left over there could be neither declared again nor used before that node is back.
                if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit) rabbit.Exclusive = true;
                consumer.Configure(endpoint, context);
            });
        }
    }
}
