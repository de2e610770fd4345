using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace JitsiMesh.Signalling.Http;

/// <summary>
/// The transport of a WebSocket with its writes gathered: between <see cref="Begin"/> and <see cref="EndAsync"/> frames only fill a
/// buffer, so that many stanzas for one client cost one write to its socket. Outside of a batch every frame goes out at once.
/// </summary>
public sealed class BatchingStream(Stream inner) : Stream
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ArrayBufferWriter<byte> _filling = new(1024);
    private ArrayBufferWriter<byte> _writing = new(1024);
    private volatile bool _batching;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Octets that wait for the end of the batch.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _filling.WrittenCount;
        }
    }

    public void Begin() => _batching = true;

    public async ValueTask EndAsync(CancellationToken cancellation)
    {
        _batching = false;
        await DrainAsync(cancellation);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate) _filling.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _batching ? Task.CompletedTask : DrainAsync(cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // The WebSocket flushes asynchronously.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask DrainAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            lock (_gate) (_filling, _writing) = (_writing, _filling);
            if (_writing.WrittenCount == 0) return;
            await inner.WriteAsync(_writing.WrittenMemory, cancellation);
            await inner.FlushAsync(cancellation);
            // One large join must not keep its buffer for as long as the session lives.
            if (_writing.Capacity > 64 * 1024) _writing = new ArrayBufferWriter<byte>(1024);
            else _writing.ResetWrittenCount();
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>Puts a <see cref="BatchingStream"/> under the WebSocket that is about to be accepted.</summary>
public sealed class BatchingUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <summary>Null until the upgrade, and where the WebSocket came another way (HTTP/2).</summary>
    public BatchingStream? Stream { get; private set; }

    public async Task<Stream> UpgradeAsync() => Stream = new BatchingStream(await inner.UpgradeAsync());
}
