using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>recvmmsg and sendmmsg over unmanaged buffers, with UDP_SEGMENT trains where the kernel supports them.</summary>
internal sealed unsafe class LinuxDatagramPort : IDatagramPort
{
    private const int ControlSpace = 24;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Limits the age of a datagram: a clock change in between must not make it look older than the socket could have kept it.</summary>
    private static readonly TimeSpan MaxWaited = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly bool _ipv6;
    private readonly int _sockaddrLength;
    private readonly byte* _memory;
    private readonly byte* _receiveBuffers;
    private readonly byte* _receiveNames;
    private readonly Native.TimestampMessage* _receiveTimes;
    private readonly Native.MMsgHdr* _receiveMessages;
    private readonly byte* _sendBuffers;
    private readonly byte* _sendNames;
    private readonly byte* _sendControls;
    private readonly Native.IoVec* _sendVectors;
    private readonly Native.MMsgHdr* _sendMessages;
    private readonly int[] _sendLengths = new int[PortLimits.SendQueue];
    private readonly TrainBuilder _trains;
    private readonly TrainMemory _trainMemory = new();
    private readonly SendMessages _send;
    private int _queued;
    private long _receivedAt;
    private bool _disposed;

    /// <param name="bind">The local address.</param>
    /// <param name="send">Replaces sendmmsg; for tests of refusals by the kernel.</param>
    public LinuxDatagramPort(IPEndPoint bind, SendMessages? send = null)
    {
        _send = send ?? Native.SendMany;
        _socket = PortSocket.Bind(bind);
        Local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        Buffers = PortSocket.Buffers(_socket);
        _handle = _socket.SafeHandle;

        // The loop uses the raw descriptor: without this a finalizer could close it during the loop.
        var added = false;
        _handle.DangerousAddRef(ref added);
        Descriptor = (int)_handle.DangerousGetHandle();
        _socket.SetRawSocketOption(Native.SolSocket, Native.TimestampNanoseconds, [1, 0, 0, 0]);
        _ipv6 = bind.AddressFamily == AddressFamily.InterNetworkV6;
        _sockaddrLength = _ipv6 ? SocketAddressFormat.IPv6Length : SocketAddressFormat.IPv4Length;

        const int receiveVectors = PortLimits.ReceiveBatch;
        var size = ((PortLimits.ReceiveBatch + PortLimits.SendQueue) * (PortLimits.BufferSize + 32))
            + ((PortLimits.ReceiveBatch + PortLimits.SendBatch) * sizeof(Native.MMsgHdr))
            + ((receiveVectors + PortLimits.SendQueue) * sizeof(Native.IoVec))
            + (PortLimits.SendBatch * (ControlSpace + 32))
            + (PortLimits.ReceiveBatch * sizeof(Native.TimestampMessage)) + 1024;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)size, 64);
        new Span<byte>(_memory, size).Clear();
        var at = _memory;
        _receiveBuffers = Take(ref at, PortLimits.ReceiveBatch * PortLimits.BufferSize);
        _sendBuffers = Take(ref at, PortLimits.SendQueue * PortLimits.BufferSize);
        _receiveMessages = (Native.MMsgHdr*)Take(ref at, PortLimits.ReceiveBatch * sizeof(Native.MMsgHdr));
        _sendMessages = (Native.MMsgHdr*)Take(ref at, PortLimits.SendBatch * sizeof(Native.MMsgHdr));
        var receiveIo = (Native.IoVec*)Take(ref at, receiveVectors * sizeof(Native.IoVec));
        _sendVectors = (Native.IoVec*)Take(ref at, PortLimits.SendQueue * sizeof(Native.IoVec));
        _receiveNames = Take(ref at, PortLimits.ReceiveBatch * 32);
        _receiveTimes = (Native.TimestampMessage*)Take(ref at, PortLimits.ReceiveBatch * sizeof(Native.TimestampMessage));
        _sendNames = Take(ref at, PortLimits.SendBatch * 32);
        _sendControls = Take(ref at, PortLimits.SendBatch * ControlSpace);

        var template = bind.Serialize().Buffer.Span;
        for (var i = 0; i < PortLimits.ReceiveBatch; i++)
        {
            receiveIo[i] = new Native.IoVec { Base = _receiveBuffers + (i * PortLimits.BufferSize), Length = PortLimits.BufferSize };
            _receiveMessages[i].Header.Name = _receiveNames + (i * 32);
            _receiveMessages[i].Header.Vectors = receiveIo + i;
            _receiveMessages[i].Header.VectorCount = 1;
            _receiveMessages[i].Header.Control = _receiveTimes + i;
        }

        for (var i = 0; i < PortLimits.SendBatch; i++)
        {
            template[..2].CopyTo(new Span<byte>(_sendNames + (i * 32), 2));
            var control = _sendControls + (i * ControlSpace);
            *(nuint*)control = 18;
            *(int*)(control + 8) = Native.SolUdp;
            *(int*)(control + 12) = Native.UdpSegment;
            _sendMessages[i].Header.Name = _sendNames + (i * 32);
            _sendMessages[i].Header.NameLength = (uint)_sockaddrLength;
        }

        _trains = new TrainBuilder(PortLimits.SendQueue, HasSegmentation());
    }

    public TransportAddress Local { get; }

    public PortCounters Counters { get; } = new();

    public SocketBuffers Buffers { get; }

    internal int Descriptor { get; }

    /// <summary>sendmmsg: the number of accepted messages, or -1 with the error of the first one.</summary>
    internal delegate int SendMessages(int fd, Native.MMsgHdr* messages, uint count, int flags);

    internal TrainMemory Trains => _trainMemory;

    public int Receive()
    {
        for (var i = 0; i < PortLimits.ReceiveBatch; i++)
        {
            _receiveMessages[i].Header.NameLength = 32;
            _receiveMessages[i].Header.ControlLength = (nuint)sizeof(Native.TimestampMessage);
            _receiveMessages[i].Header.Flags = 0;
        }

        var count = Native.ReceiveMany(Descriptor, _receiveMessages, PortLimits.ReceiveBatch, Native.MsgDontWait, null);
        if (count <= 0) return 0;
        _receivedAt = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        Counters.ReceiveCalls++;
        Counters.DatagramsReceived += count;
        return count;
    }

    public Span<byte> Received(int index, out TransportAddress remote)
    {
        ref var message = ref _receiveMessages[index];
        remote = SocketAddressFormat.Read(new ReadOnlySpan<byte>(_receiveNames + (index * 32), _sockaddrLength), _ipv6);
        if ((message.Header.Flags & Native.MsgTrunc) != 0)
        {
            Counters.Truncated++;
            return default;
        }

        Counters.BytesReceived += message.Length;
        return new Span<byte>(_receiveBuffers + (index * PortLimits.BufferSize), (int)message.Length);
    }

    public TimeSpan Waited(int index)
    {
        ref var time = ref _receiveTimes[index];
        if (_receiveMessages[index].Header.ControlLength < (nuint)sizeof(Native.TimestampMessage) || time.Level != Native.SolSocket || time.Type != Native.TimestampNanoseconds) return TimeSpan.Zero;
        var waited = new TimeSpan((_receivedAt - (time.Seconds * NanosecondsPerSecond) - time.Nanoseconds) / TimeSpan.NanosecondsPerTick);
        return waited < TimeSpan.Zero || waited > MaxWaited ? TimeSpan.Zero : waited;
    }

    public Span<byte> Rent()
    {
        if (_queued == PortLimits.SendQueue) Flush();
        return new Span<byte>(_sendBuffers + (_queued * PortLimits.BufferSize), PortLimits.BufferSize);
    }

    public void Commit(int length, in TransportAddress remote)
    {
        if (remote.IsIPv4 == _ipv6)
        {
            Counters.SendDropped++;
            return;
        }

        _sendLengths[_queued] = length;
        _trains.Add(_queued, length, remote, mayJoin: _trainMemory.IsEmpty || _trainMemory.Allows(remote, Environment.TickCount64));
        _queued++;
    }

    public void Flush()
    {
        if (_queued == 0) return;
        var train = 0;
        while (train < _trains.TrainCount)
        {
            var batch = Math.Min(PortLimits.SendBatch, _trains.TrainCount - train);
            Fill(train, batch);
            SendBatch(train, batch);
            train += batch;
        }

        _trains.Clear();
        _queued = 0;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _handle.DangerousRelease();
        _socket.Dispose();
        NativeMemory.AlignedFree(_memory);
    }

    private static byte* Take(ref byte* at, int bytes)
    {
        var start = at;
        at += (bytes + 63) & ~63;
        return start;
    }

    private void Fill(int firstTrain, int batch)
    {
        var vector = 0;
        for (var i = 0; i < batch; i++)
        {
            var train = firstTrain + i;
            ref var header = ref _sendMessages[i].Header;
            SocketAddressFormat.Write(new Span<byte>(_sendNames + (i * 32), 32), _ipv6, _trains.Remote(train));
            header.Vectors = _sendVectors + vector;
            header.VectorCount = (nuint)_trains.Count(train);
            for (var slot = _trains.First(train); slot >= 0; slot = _trains.Next(slot))
            {
                _sendVectors[vector++] = new Native.IoVec
                {
                    Base = _sendBuffers + (slot * PortLimits.BufferSize),
                    Length = (nuint)_sendLengths[slot],
                };
            }

            if (_trains.Count(train) > 1)
            {
                var control = _sendControls + (i * ControlSpace);
                *(ushort*)(control + 16) = (ushort)_trains.SegmentSize(train);
                header.Control = control;
                header.ControlLength = ControlSpace;
            }
            else
            {
                header.Control = null;
                header.ControlLength = 0;
            }
        }
    }

    private void SendBatch(int firstTrain, int batch)
    {
        var done = 0;
        while (done < batch)
        {
            Counters.SendCalls++;
            var sent = _send(Descriptor, _sendMessages + done, (uint)(batch - done), Native.MsgDontWait | Native.MsgNoSignal);
            if (sent > 0)
            {
                for (var i = 0; i < sent; i++)
                {
                    CountSent(firstTrain + done + i);
                    if (_trains.Count(firstTrain + done + i) > 1) _trainMemory.OnTaken();
                }

                done += sent;
                continue;
            }

            // The error belongs to the first unsent message: drop it and continue with the rest.
            var error = Marshal.GetLastPInvokeError();
            if (error == Native.Eintr) continue;
            var failed = firstTrain + done;
            if (error is Native.Eio or Native.Einval or Native.Emsgsize && _trains.Count(failed) > 1)
            {
                // The path to this receiver, or the device, does not support segments of that size: sent one by one the kernel can still fragment them.
                Counters.TrainsRefused++;
                _trainMemory.OnRefused(_trains.Remote(failed), Environment.TickCount64);
                SendSingly(done, failed);
            }
            else
            {
                Counters.SendDropped += _trains.Count(failed);
            }

            done++;
        }
    }

    private void SendSingly(int message, int train)
    {
        ref var header = ref _sendMessages[message].Header;
        header.Control = null;
        header.ControlLength = 0;
        var count = (int)header.VectorCount;
        header.VectorCount = 1;
        for (var i = 0; i < count; i++)
        {
            if (i > 0) header.Vectors++;
            var length = (long)header.Vectors->Length;
            if (_send(Descriptor, _sendMessages + message, 1, Native.MsgDontWait | Native.MsgNoSignal) == 1)
            {
                Counters.DatagramsSent++;
                Counters.BytesSent += length;
            }
            else
            {
                Counters.SendDropped++;
            }
        }
    }

    private void CountSent(int train)
    {
        Counters.DatagramsSent += _trains.Count(train);
        for (var slot = _trains.First(train); slot >= 0; slot = _trains.Next(slot)) Counters.BytesSent += _sendLengths[slot];
    }

    private bool HasSegmentation()
    {
        int value = 0;
        uint length = sizeof(int);
        return Native.GetOption(Descriptor, Native.SolUdp, Native.UdpSegment, &value, &length) == 0;
    }
}
