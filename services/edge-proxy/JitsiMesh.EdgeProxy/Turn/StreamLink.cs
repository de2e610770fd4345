using System.Buffers;
using System.IO.Pipelines;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>
/// Sends to a client over TCP. Packets that arrive during a write are collected and sent with the next one, up to a limit. Safe from any thread.
/// </summary>
internal sealed class StreamLink(PipeWriter output) : ITurnLink, IDisposable
{
    private readonly Lock _gate = new();
    private byte[] _collecting = [];
    private byte[] _writing = [];
    private int _collected;
    private bool _isWriting;
    private bool _isOver;

    /// <summary>Packets dropped because the backlog was full.</summary>
    public long Dropped { get; private set; }

    public void Send(in FiveTuple client, ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            if (_isOver) return;
            if (_collected + packet.Length > TurnHostLimits.StreamBacklogOctets)
            {
                Dropped++;
                return;
            }

            if (_collected + packet.Length > _collecting.Length) Grow(_collected + packet.Length);
            packet.CopyTo(_collecting.AsSpan(_collected));
            _collected += packet.Length;
            if (_isWriting) return;
            _isWriting = true;
        }

        _ = WriteAsync();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            if (!_isWriting) Return();
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            ReadOnlyMemory<byte> batch;
            lock (_gate)
            {
                if (_isOver || _collected == 0)
                {
                    _isWriting = false;
                    if (_isOver) Return();
                    return;
                }

                (_collecting, _writing) = (_writing, _collecting);
                batch = _writing.AsMemory(0, _collected);
                _collected = 0;
            }

            try
            {
                var result = await output.WriteAsync(batch);
                if (!result.IsCompleted && !result.IsCanceled) continue;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or OperationCanceledException)
            {
                // The connection is closed; its reader cleans up.
            }

            lock (_gate) _isOver = true;
        }
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(TurnHostLimits.StreamBufferOctets, Math.Min(_collecting.Length * 2, TurnHostLimits.StreamBacklogOctets))));
        _collecting.AsSpan(0, _collected).CopyTo(larger);
        if (_collecting.Length > 0) ArrayPool<byte>.Shared.Return(_collecting);
        _collecting = larger;
    }

    private void Return()
    {
        if (_collecting.Length > 0) ArrayPool<byte>.Shared.Return(_collecting);
        if (_writing.Length > 0) ArrayPool<byte>.Shared.Return(_writing);
        _collecting = _writing = [];
        _collected = 0;
    }
}
