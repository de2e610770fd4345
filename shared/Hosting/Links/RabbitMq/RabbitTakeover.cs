using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// The attempt to become the consumer of another node's queue. The broker says when that node's own consumer has ended, and keeps out all others who try. Once it has begun, it is a consumer
/// like any other.
/// </summary>
internal sealed partial class RabbitTakeover(LinkQueue queue, Func<CancellationToken, ValueTask> begin, ILogger logger) : IQueueOwnership
{
    private const int Beginning = 1;
    private const int GaveUp = 2;

    private readonly TaskCompletionSource<bool> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>True when this node consumes the queue, false when it cannot begin.</summary>
    public Task<bool> Begun => _begun.Task;

    public Task GivenUp { get; } = new TaskCompletionSource().Task;

    public bool NeedsExisting => !_begun.Task.IsCompleted;

    /// <summary>False where it has begun, which is then to be waited for.</summary>
    public bool TryGiveUp() => Interlocked.CompareExchange(ref _state, GaveUp, 0) == 0;

    public async ValueTask AcquiredAsync(CancellationToken cancellation)
    {
        // A subscription that broke and is there again.
        if (_begun.Task is { IsCompletedSuccessfully: true, Result: true }) return;
        if (Interlocked.CompareExchange(ref _state, Beginning, 0) != 0) throw new OperationCanceledException("The attempt was given up.");
        try
        {
            // Not cancelled midway: what it has taken over so far would be nobody's.
            await begin(CancellationToken.None);
            _begun.TrySetResult(true);
        }
        catch (Exception exception)
        {
            _begun.TrySetResult(false);
            LogNotTakenOver(exception, queue.Name);
            // Nothing may be consumed: what is in the queue is still somebody's.
            throw new OperationCanceledException("The queue could not be taken over.", exception);
        }
    }

    public ValueTask LostAsync() => ValueTask.CompletedTask;

    [LoggerMessage(EventId = 24, Level = LogLevel.Warning, Message = "Queue {Queue} could not be taken over")]
    private partial void LogNotTakenOver(Exception exception, string queue);
}
