using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Headless.Media;
using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Sockets;

/// <summary>
/// Runs endpoints over real UDP sockets and, on request, TCP connections, all on one dedicated thread, so that a load test can run hundreds of them. Use an endpoint from
/// another thread only inside <see cref="Invoke"/>.
/// </summary>
public sealed class UdpEndpointRunner : IDisposable
{
    private static readonly IPEndPoint AnyEndPoint = new(IPAddress.Any, 0);
    private static readonly IPEndPoint AnyIPv6EndPoint = new(IPAddress.IPv6Any, 0);
    private readonly List<(HeadlessEndpoint Endpoint, Socket Socket, TransportAddress Local)> _endpoints = [];
    private readonly List<(HeadlessEndpoint Endpoint, TcpLink Link)> _links = [];
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private readonly TimeSpan _maxWait;
    private readonly byte[] _buffer = new byte[2048];
    private readonly SocketAddress _from = new(AddressFamily.InterNetwork);
    private readonly SocketAddress _fromIPv6 = new(AddressFamily.InterNetworkV6);
    private readonly HashSet<HeadlessEndpoint> _blocked = [];
    private int _waiters;
    private Exception? _failure;
    private volatile bool _stopped;

    /// <param name="maxWait">How long the thread may sleep between two looks at its sockets: delay traded for processor time. 2 ms when null.</param>
    public UdpEndpointRunner(TimeSpan? maxWait = null)
    {
        _maxWait = maxWait ?? TimeSpan.FromMilliseconds(2);
        _thread = new Thread(Run) { IsBackground = true, Name = "headless endpoints" };
        _thread.Start();
    }

    public static MonotonicTime Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    /// <summary>The exception that ended the thread, or null.</summary>
    public Exception? Failure => _failure;

    /// <summary>Datagrams that the system did not take: no route to the candidate, or a full socket.</summary>
    public long SendErrors { get; private set; }

    /// <summary>Called with every outgoing datagram, on the runner's thread; may be null.</summary>
    public Action<HeadlessEndpoint, Datagram>? Tap { get; set; }

    /// <summary>Sends bytes from an endpoint's socket past the endpoint.</summary>
    public void SendRaw(HeadlessEndpoint endpoint, ReadOnlySpan<byte> bytes, IPEndPoint destination)
    {
        lock (_gate)
        {
            var index = _endpoints.FindIndex(e => e.Endpoint == endpoint);
            if (index >= 0) _endpoints[index].Socket.SendTo(bytes, SocketFlags.None, destination);
        }
    }

    /// <summary>Opens a socket and makes an endpoint on it.</summary>
    /// <param name="options">The options of the endpoint's media.</param>
    /// <param name="random">For keys and SSRCs.</param>
    /// <param name="address">The local address; IPv4's loopback when null.</param>
    public HeadlessEndpoint Add(HeadlessEndpointOptions options, IRandomSource random, IPAddress? address = null)
    {
        var socket = new Socket(address?.AddressFamily ?? AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 1 << 20, SendBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        var local = TransportAddress.From((IPEndPoint)socket.LocalEndPoint!);
        var endpoint = new HeadlessEndpoint(options, random, local);
        Invoke(_ => _endpoints.Add((endpoint, socket, local)));
        return endpoint;
    }

    /// <summary>Opens a connection to a passive TCP candidate of the bridge's, and has the endpoint check that way too.</summary>
    /// <param name="endpoint">The endpoint that opens the connection.</param>
    /// <param name="candidate">The bridge's, of protocol tcp or ssltcp.</param>
    /// <param name="local">The local address; null for any.</param>
    /// <param name="limit">For the connection.</param>
    /// <returns>False when the connection is refused.</returns>
    public async Task<bool> ConnectAsync(HeadlessEndpoint endpoint, Ice.Candidate candidate, IPAddress? local, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(candidate);
        using var time = new CancellationTokenSource(limit);
        TcpLink link;
        try
        {
            link = await TcpLink.OpenAsync(candidate.Address, candidate.Protocol == "ssltcp", local, time.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }

        return Invoke(now =>
        {
            if (!_endpoints.Exists(e => e.Endpoint == endpoint))
            {
                link.Dispose();
                return false;
            }

            _links.Add((endpoint, link));
            endpoint.AddConnection(link.Local, candidate, now);
            return true;
        });
    }

    /// <summary>Breaks the endpoint's TCP connections, as a network does.</summary>
    public void CutConnections(HeadlessEndpoint endpoint) => Invoke(now =>
    {
        foreach (var (_, link) in _links.Where(l => l.Endpoint == endpoint).ToList()) CloseLink(endpoint, link, now);
    });

    /// <summary>Pauses or resumes reading from the endpoint's TCP connections.</summary>
    public void HoldUpConnections(HeadlessEndpoint endpoint, bool stuck) => Invoke(_ =>
    {
        foreach (var (_, link) in _links.Where(l => l.Endpoint == endpoint)) link.IsStuck = stuck;
    });

    /// <summary>While set, UDP datagrams of this endpoint are dropped in both directions, as by a firewall.</summary>
    public void BlockUdp(HeadlessEndpoint endpoint, bool blocked) => Invoke(_ =>
    {
        if (blocked) _blocked.Add(endpoint);
        else _blocked.Remove(endpoint);
    });

    /// <summary>Ends an endpoint and its socket.</summary>
    public void Remove(HeadlessEndpoint endpoint) => Invoke(now =>
    {
        var index = _endpoints.FindIndex(e => e.Endpoint == endpoint);
        if (index < 0) return;
        var (found, socket, _) = _endpoints[index];
        _endpoints.RemoveAt(index);
        found.Close(now);
        Send(found, socket);
        foreach (var (_, link) in _links.Where(l => l.Endpoint == endpoint)) link.Dispose();
        _links.RemoveAll(l => l.Endpoint == endpoint);
        _blocked.Remove(endpoint);
        found.Dispose();
        socket.Dispose();
    });

    /// <summary>Runs something between two rounds of the thread.</summary>
    public T Invoke<T>(Func<MonotonicTime, T> action)
    {
        Interlocked.Increment(ref _waiters);
        lock (_gate)
        {
            Interlocked.Decrement(ref _waiters);
            return action(Now);
        }
    }

    /// <inheritdoc cref="Invoke{T}"/>
    public void Invoke(Action<MonotonicTime> action) => Invoke(now =>
    {
        action(now);
        return true;
    });

    /// <summary>Waits until the condition holds, checked between rounds; false on a timeout.</summary>
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

        foreach (var (_, link) in _links) link.Dispose();
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

                // A busy thread must let in the threads that wait for the lock.
                var wait = next - Now;
                if (wait > TimeSpan.Zero) Thread.Sleep(wait < _maxWait ? TimeSpan.FromMilliseconds(1) : _maxWait);
                else if (Volatile.Read(ref _waiters) > 0) Thread.Sleep(1);
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }

    private void Step(HeadlessEndpoint endpoint, Socket socket, TransportAddress local)
    {
        for (var i = _links.Count - 1; i >= 0; i--)
        {
            if (_links[i].Endpoint != endpoint) continue;
            var link = _links[i].Link;
            link.Receive((frame, length) => endpoint.HandleDatagram(frame.AsSpan(0, length), link.Local, link.Remote, Now), _buffer);
            if (link.IsClosed) CloseLink(endpoint, link, Now);
        }

        var from = local.IsIPv4 ? _from : _fromIPv6;
        while (socket.Available > 0)
        {
            int length;
            try
            {
                length = socket.ReceiveFrom(_buffer, SocketFlags.None, from);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.WouldBlock or SocketError.ConnectionRefused)
            {
                // An ICMP error of something sent before: the remote is not there (yet).
                continue;
            }

            if (_blocked.Contains(endpoint)) continue;
            var remote = TransportAddress.From((IPEndPoint)(local.IsIPv4 ? AnyEndPoint : AnyIPv6EndPoint).Create(from));
            endpoint.HandleDatagram(_buffer.AsSpan(0, length), local, remote, Now);
        }

        if (endpoint.NextTimeout <= Now) endpoint.HandleTimeout(Now);
        Send(endpoint, socket);
    }

    private void Send(HeadlessEndpoint endpoint, Socket socket)
    {
        while (endpoint.TryDequeueTransmit(out var datagram))
        {
            Tap?.Invoke(endpoint, datagram);
            if (datagram.Source.IsTcp)
            {
                if (_links.Find(l => l.Link.Local == datagram.Source && l.Link.Remote == datagram.Destination).Link is not { } link || !link.Send(datagram.Bytes.Span)) SendErrors++;
                continue;
            }

            if (_blocked.Contains(endpoint)) continue;
            try
            {
                socket.SendTo(datagram.Bytes.Span, SocketFlags.None, datagram.Destination.ToIPEndPoint());
            }
            catch (SocketException)
            {
                // Lost, as in a network: a full socket, or a candidate that this socket has no route to.
                SendErrors++;
            }
        }

        foreach (var (owner, link) in _links)
        {
            if (owner == endpoint) link.Flush();
        }
    }

    private void CloseLink(HeadlessEndpoint endpoint, TcpLink link, MonotonicTime now)
    {
        link.Dispose();
        _links.RemoveAll(l => l.Link == link);
        endpoint.HandleConnectionClosed(link.Local, link.Remote, now);
    }
}
