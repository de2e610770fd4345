using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The way onto a shard's thread from anywhere else.</summary>
internal interface IShardGateway
{
    /// <summary>Queues work for the shard; false when its queue is full or it ends.</summary>
    /// <param name="work">What to do. An exception of it is counted and told to <paramref name="failed"/>, and costs nobody else anything.</param>
    /// <param name="failed">Hears that the work threw, or that the shard ended before its turn. From any thread.</param>
    bool TryPost(Action<BridgeShard, MonotonicTime> work, Action<Exception>? failed = null);
}

internal static class ShardGatewayExtensions
{
    /// <summary>Runs a question on the shard and brings back the answer, or its exception; null when the shard takes no more.</summary>
    public static Task<T>? Ask<T>(this IShardGateway gateway, Func<BridgeShard, MonotonicTime, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return gateway.TryPost((shard, now) => answer.TrySetResult(question(shard, now)), e => answer.TrySetException(e)) ? answer.Task : null;
    }
}
