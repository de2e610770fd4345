using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>
/// One bound UDP address with its own receive and send buffers. Used by one thread only, and allocates nothing per datagram.
/// Sends are collected until <see cref="Flush"/>, which the loop calls at the end of each batch.
/// </summary>
public interface IDatagramPort : IDisposable
{
    TransportAddress Local { get; }

    PortCounters Counters { get; }

    /// <summary>The granted size of <see cref="PortLimits.SocketBuffer"/>.</summary>
    SocketBuffers Buffers { get; }

    /// <summary>Receives without blocking: 0 to <see cref="PortLimits.ReceiveBatch"/> datagrams, valid until the next call.</summary>
    int Receive();

    /// <summary>The bytes of a received datagram, which may be modified in place, and its sender.</summary>
    Span<byte> Received(int index, out TransportAddress remote);

    /// <summary>
    /// How long a received datagram waited for <see cref="Receive"/>, according to the kernel; zero if unknown. Feedback to a sender must reflect the network, not the load of
    /// this machine.
    /// </summary>
    TimeSpan Waited(int index);

    /// <summary>A free send buffer of <see cref="PortLimits.BufferSize"/> bytes; valid until <see cref="Commit"/>, or until the next call if nothing was committed.</summary>
    Span<byte> Rent();

    /// <summary>Queues the first <paramref name="length"/> bytes of the rented buffer.</summary>
    void Commit(int length, in TransportAddress remote);

    void Flush();
}

public static class PortLimits
{
    /// <summary>The size of one buffer. A longer datagram is truncated by the kernel, detected, counted and dropped.</summary>
    public const int BufferSize = 2048;

    public const int ReceiveBatch = 64;

    /// <summary>Datagrams collected before an automatic flush: a full receive batch with eight receivers.</summary>
    public const int SendQueue = 512;

    /// <summary>Messages of one sendmmsg.</summary>
    public const int SendBatch = 64;

    /// <summary>Segments of one UDP_SEGMENT train (UDP_MAX_SEGMENTS of every kernel that supports it).</summary>
    public const int MaxSegments = 64;

    /// <summary>The maximum size of one train; a UDP payload cannot be longer than 65,507 bytes.</summary>
    public const int MaxTrainBytes = 60_000;

    /// <summary>The requested socket buffer size; the kernel grants less when net.core.rmem_max or wmem_max is lower.</summary>
    public const int SocketBuffer = 10 * 1024 * 1024;

    /// <summary>Receivers remembered as unable to get trains; a further one replaces another, whose next train then fails once more.</summary>
    public const int TrainlessReceivers = 256;

    /// <summary>Receivers whose trains were refused in a row, without a success in between, until the kernel or the device counts as unable.</summary>
    public const int RefusalsToStop = 16;

    /// <summary>How long a receiver gets no trains after one was refused: the kernel caches a path's MTU for ten minutes.</summary>
    public static readonly TimeSpan TrainlessFor = TimeSpan.FromSeconds(60);

    /// <summary>How long no trains are built once the device counts as unable.</summary>
    public static readonly TimeSpan StoppedFor = TimeSpan.FromMinutes(5);
}

/// <summary>The counters of a port. Written by its thread, readable from any thread; a torn read of one number is harmless.</summary>
public sealed class PortCounters
{
    public long DatagramsReceived { get; internal set; }

    public long BytesReceived { get; internal set; }

    public long DatagramsSent { get; internal set; }

    public long BytesSent { get; internal set; }

    public long Truncated { get; internal set; }

    /// <summary>The kernel refused the datagram: its queue is full or there is no route.</summary>
    public long SendDropped { get; internal set; }

    /// <summary>Trains that were refused and sent one by one.</summary>
    public long TrainsRefused { get; internal set; }

    public long ReceiveCalls { get; internal set; }

    public long SendCalls { get; internal set; }
}

/// <summary>The size of a socket's kernel buffer.</summary>
public readonly record struct SocketBuffers(int Receive, int Send);
