using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>One queue in memory. Its consumer may put back what it has taken, for the next one.</summary>
internal sealed class InMemoryQueue
{
    private readonly Channel<StanzaEnvelope> _channel = Channel.CreateBounded<StanzaEnvelope>(new BoundedChannelOptions(LinkLimits.QueueCapacity) { FullMode = BoundedChannelFullMode.Wait });
    private readonly LinkedList<StanzaEnvelope> _returned = new();

    /// <summary>Held by the consumer of a node's queue: one at a time, as a broker's single active consumer is.</summary>
    public SemaphoreSlim Consumer { get; } = new(1, 1);

    public ChannelWriter<StanzaEnvelope> Writer => _channel.Writer;

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation)
    {
        lock (_returned)
        {
            if (_returned.Count > 0 && !cancellation.IsCancellationRequested) return ValueTask.FromResult(true);
        }

        return _channel.Reader.WaitToReadAsync(cancellation);
    }

    public bool TryRead([NotNullWhen(true)] out StanzaEnvelope? envelope)
    {
        lock (_returned)
        {
            if (_returned.First is { } first)
            {
                envelope = first.Value;
                _returned.RemoveFirst();
                return true;
            }
        }

        return _channel.Reader.TryRead(out envelope);
    }

    /// <param name="envelopes">In the order in which they were taken; nothing that was taken after them is still out.</param>
    public void Return(params IReadOnlyList<StanzaEnvelope> envelopes)
    {
        lock (_returned)
        {
            for (var i = envelopes.Count - 1; i >= 0; i--) _returned.AddFirst(envelopes[i]);
        }
    }
}
