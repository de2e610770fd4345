using System.Diagnostics;
using JitsiMesh.MediaBridge.Sockets;

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>
/// The frames that connections have read and the media thread has not taken yet, in a ring of preallocated buffers. Many writers, one reader, which keeps a batch until it
/// takes the next.
/// </summary>
internal sealed class ArrivedFrames
{
    private const int Slots = IceTcpLimits.ArrivedFrames;
    private readonly Lock _gate = new();
    private readonly byte[] _buffers = GC.AllocateUninitializedArray<byte>(Slots * PortLimits.BufferSize, pinned: true);
    private readonly int[] _lengths = new int[Slots];
    private readonly long[] _stamps = new long[Slots];
    private readonly TcpConnection?[] _connections = new TcpConnection?[Slots];
    private long _head;
    private long _tail;
    private int _taken;

    /// <summary>Whether frames wait beyond the current batch. Readable from any thread.</summary>
    public bool HasMore
    {
        get
        {
            lock (_gate) return _tail - _head > _taken;
        }
    }

    public bool TryAdd(TcpConnection connection, ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_tail - _head >= Slots || connection.Queued >= IceTcpLimits.MaxQueuedFrames) return false;
            var slot = (int)(_tail % Slots);
            frame.CopyTo(_buffers.AsSpan(slot * PortLimits.BufferSize));
            _lengths[slot] = frame.Length;
            _stamps[slot] = Stopwatch.GetTimestamp();
            _connections[slot] = connection;
            connection.Queued++;
            _tail++;
            return true;
        }
    }

    /// <summary>Returns the last batch and takes the next; the result is its frame count.</summary>
    public int Take()
    {
        lock (_gate)
        {
            for (; _taken > 0; _taken--, _head++)
            {
                ref var connection = ref _connections[(int)(_head % Slots)];
                connection!.Queued--;
                connection = null;
            }

            _taken = (int)Math.Min(_tail - _head, PortLimits.ReceiveBatch);
            return _taken;
        }
    }

    public Span<byte> Frame(int index, out TcpConnection connection)
    {
        var slot = Slot(index);
        connection = _connections[slot]!;
        return _buffers.AsSpan(slot * PortLimits.BufferSize, _lengths[slot]);
    }

    public TcpConnection Connection(int index) => _connections[Slot(index)]!;

    public TimeSpan Waited(int index) => Stopwatch.GetElapsedTime(_stamps[Slot(index)]);

    private int Slot(int index) => (int)((_head + index) % Slots);
}
