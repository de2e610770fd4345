using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The way onto a shard's thread from anywhere else.</summary>
internal interface IShardGateway
{
    /// <summary>Queues work for the shard; false when its queue is full or it ends. The work must not throw.</summary>
    bool TryPost(Action<BridgeShard, MonotonicTime> work);
}

internal static class ShardGatewayExtensions
{
    /// <summary>Runs a question on the shard and brings back the answer; null when the shard takes no more.</summary>
    public static Task<T>? Ask<T>(this IShardGateway gateway, Func<BridgeShard, MonotonicTime, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = gateway.TryPost((shard, now) =>
        {
            try
            {
                answer.SetResult(question(shard, now));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        return taken ? answer.Task : null;
    }
}
