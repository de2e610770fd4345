using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Passes work from other threads to a shard's thread.</summary>
internal interface IShardGateway
{
    /// <summary>Queues work for the shard; false when its queue is full or the shard ends.</summary>
    /// <param name="work">The work. Its exception is counted and passed to <paramref name="failed"/>, without any other effect.</param>
    /// <param name="failed">Called when the work threw, or the shard ended before running it. From any thread.</param>
    bool TryPost(Action<BridgeShard, MonotonicTime> work, Action<Exception>? failed = null);
}

internal static class ShardGatewayExtensions
{
    /// <summary>Runs a function on the shard and returns its result or its exception; null when the shard accepts no more work.</summary>
    public static Task<T>? Ask<T>(this IShardGateway gateway, Func<BridgeShard, MonotonicTime, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return gateway.TryPost((shard, now) => answer.TrySetResult(question(shard, now)), e => answer.TrySetException(e)) ? answer.Task : null;
    }
}
