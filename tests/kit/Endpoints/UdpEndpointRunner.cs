using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Endpoints;

/// <summary>
/// Runs test endpoints over real UDP sockets on loopback, all on one thread of its own, so that a load test can hold hundreds. Touch an endpoint from
/// another thread only inside <see cref="Invoke"/>.
/// </summary>
public sealed class UdpEndpointRunner : IDisposable
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(2);
    private readonly List<(TestEndpoint Endpoint, Socket Socket, TransportAddress Local)> _endpoints = [];
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[2048];
    private readonly SocketAddress _from = new(AddressFamily.InterNetwork);
    private Exception? _failure;
    private volatile bool _stopped;

    public UdpEndpointRunner()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "test endpoints" };
        _thread.Start();
    }

    public static MonotonicTime Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    /// <summary>What ended the thread, if anything did.</summary>
    public Exception? Failure => _failure;

    /// <summary>Opens a socket and makes an endpoint on it.</summary>
    public TestEndpoint Add(TestEndpointOptions options, IRandomSource random)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 1 << 20, SendBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var local = TransportAddress.From((IPEndPoint)socket.LocalEndPoint!);
        var endpoint = new TestEndpoint(options, random, local);
        lock (_gate) _endpoints.Add((endpoint, socket, local));
        return endpoint;
    }

    /// <summary>Runs something between two rounds of the thread.</summary>
    public T Invoke<T>(Func<MonotonicTime, T> action)
    {
        lock (_gate) return action(Now);
    }

    /// <inheritdoc cref="Invoke{T}"/>
    public void Invoke(Action<MonotonicTime> action)
    {
        lock (_gate) action(Now);
    }

    /// <summary>Waits until the condition, asked between rounds, holds; false when it did not in time.</summary>
    public async Task<bool> WaitAsync(Func<bool> condition, TimeSpan limit)
    {
        for (var end = Now + limit; Now < end;)
        {
            if (_failure is not null) throw new InvalidOperationException("The endpoints' thread failed.", _failure);
            if (Invoke(_ => condition())) return true;
            await Task.Delay(5).ConfigureAwait(false);
        }

        return Invoke(_ => condition());
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join(TimeSpan.FromSeconds(5));
        foreach (var (endpoint, socket, _) in _endpoints)
        {
            endpoint.Dispose();
            socket.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopped)
            {
                var next = MonotonicTime.Never;
                lock (_gate)
                {
                    foreach (var (endpoint, socket, local) in _endpoints)
                    {
                        Step(endpoint, socket, local);
                        next = MonotonicTime.Min(next, endpoint.NextTimeout);
                    }
                }

                var wait = next - Now;
                if (wait > TimeSpan.Zero) Thread.Sleep(wait < MaxWait ? TimeSpan.FromMilliseconds(1) : MaxWait);
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }

    private void Step(TestEndpoint endpoint, Socket socket, TransportAddress local)
    {
        while (socket.Available > 0)
        {
            int length;
            try
            {
                length = socket.ReceiveFrom(_buffer, SocketFlags.None, _from);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.WouldBlock or SocketError.ConnectionRefused)
            {
                // An ICMP error of something sent before: the remote is not there (yet).
                continue;
            }

            var remote = TransportAddress.From((IPEndPoint)AnyEndPoint.Create(_from));
            endpoint.HandleDatagram(_buffer.AsSpan(0, length), local, remote, Now);
        }

        if (endpoint.NextTimeout <= Now) endpoint.HandleTimeout(Now);
        while (endpoint.TryDequeueTransmit(out var datagram))
        {
            try
            {
                socket.SendTo(datagram.Bytes.Span, SocketFlags.None, datagram.Destination.ToIPEndPoint());
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionRefused or SocketError.NoBufferSpaceAvailable)
            {
                // A full socket loses the datagram, as a network would.
            }
        }
    }

    private static readonly IPEndPoint AnyEndPoint = new(IPAddress.Any, 0);
}
