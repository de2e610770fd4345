using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>One queue in memory. Its consumer may put back the envelope that it has taken last, for the next one.</summary>
internal sealed class InMemoryQueue
{
    private readonly Channel<StanzaEnvelope> _channel = Channel.CreateBounded<StanzaEnvelope>(new BoundedChannelOptions(LinkLimits.QueueCapacity) { FullMode = BoundedChannelFullMode.Wait });
    private StanzaEnvelope? _returned;

    /// <summary>Held by the consumer of a node's queue: one at a time, as a broker's single active consumer is.</summary>
    public SemaphoreSlim Consumer { get; } = new(1, 1);

    public ChannelWriter<StanzaEnvelope> Writer => _channel.Writer;

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation) =>
        Volatile.Read(ref _returned) is null || cancellation.IsCancellationRequested ? _channel.Reader.WaitToReadAsync(cancellation) : ValueTask.FromResult(true);

    public bool TryRead([NotNullWhen(true)] out StanzaEnvelope? envelope) =>
        (envelope = Interlocked.Exchange(ref _returned, null)) is not null || _channel.Reader.TryRead(out envelope);

    public void Return(StanzaEnvelope envelope) => Volatile.Write(ref _returned, envelope);
}
