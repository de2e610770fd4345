using JitsiMesh.Contracts.Links;
using RabbitMQ.Client;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>How the link's queues are declared. The broker refuses a second declaration with other arguments, so that all go through here.</summary>
public static class RabbitQueues
{
    /// <summary>
    /// How long a node's own queue outlives its node, whose name nobody will have again: longer than the sessions that the node had may wait to be resumed on another node, for
    /// what is sent to them meanwhile stands here.
    /// </summary>
    private const int NodeQueueExpiryMilliseconds = 150_000;

    /// <summary>Before the names in the broker, apart from the bus's queues.</summary>
    public const string DefaultPrefix = "link.";

    internal static bool IsNodeQueue(LinkQueue queue) => queue.Name.Contains(".node.", StringComparison.Ordinal);

    internal static async Task DeclareAsync(IChannel channel, string name, LinkQueue queue, CancellationToken cancellation)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-single-active-consumer"] = true };
        if (IsNodeQueue(queue)) arguments["x-expires"] = NodeQueueExpiryMilliseconds;
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
    }
}
