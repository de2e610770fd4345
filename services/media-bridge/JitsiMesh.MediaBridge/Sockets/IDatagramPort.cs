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

    /// <summary>What the kernel granted of <see cref="PortLimits.SocketBuffer"/>.</summary>
    SocketBuffers Buffers { get; }

    /// <summary>Takes what has arrived, without waiting: 0 to <see cref="PortLimits.ReceiveBatch"/> datagrams, valid until the next call.</summary>
    int Receive();

    /// <summary>The bytes of a received datagram, to be changed in place, and its sender.</summary>
    Span<byte> Received(int index, out TransportAddress remote);

    /// <summary>
    /// How long a received datagram had waited for <see cref="Receive"/>, as the kernel tells it; zero where it does not. Feedback to a sender must
    /// tell of the network, not of how busy this machine is.
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
    /// <summary>Bytes of one buffer. A longer datagram is cut by the kernel, seen as such, counted and dropped.</summary>
    public const int BufferSize = 2048;

    public const int ReceiveBatch = 64;

    /// <summary>Datagrams collected before a flush happens by itself: a full receive batch with eight receivers.</summary>
    public const int SendQueue = 512;

    /// <summary>Messages of one sendmmsg.</summary>
    public const int SendBatch = 64;

    /// <summary>Segments of one UDP_SEGMENT train (UDP_MAX_SEGMENTS of every kernel that has it).</summary>
    public const int MaxSegments = 64;

    /// <summary>Bytes of one train; a UDP payload cannot be longer than 65,507.</summary>
    public const int MaxTrainBytes = 60_000;

    /// <summary>Socket buffers asked for; the kernel grants less when net.core.rmem_max or wmem_max is lower.</summary>
    public const int SocketBuffer = 10 * 1024 * 1024;

    /// <summary>Receivers remembered that take no trains; a further one takes the place of another, whose next train is tried in vain once more.</summary>
    public const int TrainlessReceivers = 256;

    /// <summary>Receivers whose trains were refused one after another, while none went through, until the kernel or the device counts as unable.</summary>
    public const int RefusalsToStop = 16;

    /// <summary>How long a receiver gets no trains after one was refused: a path's MTU is remembered by the kernel for ten minutes.</summary>
    public static readonly TimeSpan TrainlessFor = TimeSpan.FromSeconds(60);

    /// <summary>How long none are built at all once the device counts as unable.</summary>
    public static readonly TimeSpan StoppedFor = TimeSpan.FromMinutes(5);
}

/// <summary>What a port counted. Written by its thread, read by anyone; a torn read of one number is harmless.</summary>
public sealed class PortCounters
{
    public long DatagramsReceived { get; internal set; }

    public long BytesReceived { get; internal set; }

    public long DatagramsSent { get; internal set; }

    public long BytesSent { get; internal set; }

    public long Truncated { get; internal set; }

    /// <summary>The kernel refused the datagram: its queue is full or there is no route.</summary>
    public long SendDropped { get; internal set; }

    /// <summary>Trains that were refused and went one by one.</summary>
    public long TrainsRefused { get; internal set; }

    public long ReceiveCalls { get; internal set; }

    public long SendCalls { get; internal set; }
}

/// <summary>Bytes that the kernel keeps for a socket.</summary>
public readonly record struct SocketBuffers(int Receive, int Send);
