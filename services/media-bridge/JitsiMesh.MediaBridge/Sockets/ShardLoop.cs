using System.Collections.Concurrent;
using System.Net;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>
/// The thread of one shard: receives in batches, hands each datagram to the shard, sends at the end of the batch, and does what others asked
/// for in between. Nothing on it waits for anything but the sockets.
/// </summary>
internal sealed partial class ShardLoop : IShardGateway, IDisposable
{
    /// <summary>Requests that wait for the loop; a further one is refused as overloaded.</summary>
    private const int MaxCommands = 4096;

    private const int MaxWaitMilliseconds = 100;

    /// <summary>Batches taken from one port before timers and commands get their turn.</summary>
    private const int MaxBatches = 4;

    private readonly ConcurrentQueue<Action<BridgeShard, MonotonicTime>> _commands = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDatagramPort[] _ports;
    private readonly IPortWaiter _waiter;
    private readonly Thread _thread;
    private readonly double _nanosecondsPerTick;
    private int _commandCount;
    private int _sleeping;
    private bool _disposed;
    private volatile bool _stopping;

    public ShardLoop(string name, IDatagramPort[] ports, Func<IReadOnlyList<IDatagramPort>, BridgeShard> createShard, TimeProvider time, ILogger logger)
    {
        _ports = ports;
        _time = time;
        _logger = logger;
        _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
        _waiter = Array.TrueForAll(ports, p => p is LinuxDatagramPort)
            ? new LinuxPortWaiter(Array.ConvertAll(ports, p => (LinuxDatagramPort)p))
            : new ManagedPortWaiter(Array.ConvertAll(ports, p => (ManagedDatagramPort)p));
        Shard = createShard(ports);
        _thread = new Thread(Run) { Name = name, IsBackground = true, Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>To be touched on the loop's thread alone; counters may be read from anywhere.</summary>
    public BridgeShard Shard { get; }

    /// <summary>The loop ended by itself, which it must not.</summary>
    public bool HasFailed { get; private set; }

    public MonotonicTime Now => new((long)(_time.GetTimestamp() * _nanosecondsPerTick));

    /// <summary>Opens a port on each address; all on the same number.</summary>
    public static IDatagramPort[] OpenPorts(MediaBridgeOptions options, ILogger logger)
    {
        var ports = new List<IDatagramPort>();
        var number = options.Port;
        Exception? last = null;
        var taken = false;
        foreach (var address in BindAddresses.Find(options))
        {
            try
            {
                var port = Open(new IPEndPoint(address, number), options.ForceManagedSockets);
                ports.Add(port);
                number = port.Local.Port;
            }
            catch (System.Net.Sockets.SocketException e)
            {
                // One address may be unusable (an IPv6 one that is still tentative); a taken port is taken on all.
                last = e;
                LogBindFailed(logger, number, e.SocketErrorCode);
                if (options.Port != 0 && e.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse)
                {
                    taken = true;
                    break;
                }
            }
        }

        if (ports.Count > 0 && !taken) return [.. ports];
        foreach (var port in ports) port.Dispose();
        throw new InvalidOperationException($"JVB_PORT: UDP port {options.Port} cannot be opened: {last?.Message}", last);
    }

    public void Start() => _thread.Start();

    public bool TryPost(Action<BridgeShard, MonotonicTime> work)
    {
        if (_stopping || Interlocked.Increment(ref _commandCount) > MaxCommands)
        {
            Interlocked.Decrement(ref _commandCount);
            return false;
        }

        _commands.Enqueue(work);
        if (Interlocked.CompareExchange(ref _sleeping, 0, 1) == 1) _waiter.Wake();
        return true;
    }

    public void Dispose()
    {
        // Called when the host stops, and again when its container is disposed: native memory is freed once.
        if (_disposed) return;
        _disposed = true;
        _stopping = true;
        _waiter.Wake();
        if (_thread.IsAlive) _thread.Join(TimeSpan.FromSeconds(5));
        foreach (var port in _ports) port.Dispose();
        _waiter.Dispose();
    }

    private static IDatagramPort Open(IPEndPoint bind, bool managed)
    {
        if (!managed && OperatingSystem.IsLinux() && Environment.Is64BitProcess) return new LinuxDatagramPort(bind);
        return new ManagedDatagramPort(bind);
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                var idle = !ReceiveAll() & !RunCommands();
                var now = Now;
                if (Shard.NextTimeout <= now) Shard.HandleTimeout(now);
                Shard.Flush();
                if (idle) Sleep(now);
            }
        }
        catch (Exception e)
        {
            HasFailed = true;
            LogFailed(_logger, e);
        }
    }

    private bool ReceiveAll()
    {
        var any = false;
        foreach (var port in _ports)
        {
            for (var batch = 0; batch < MaxBatches; batch++)
            {
                var count = port.Receive();
                if (count == 0) break;
                any = true;
                var now = Now;
                for (var i = 0; i < count; i++)
                {
                    var datagram = port.Received(i, out var remote);
                    Shard.HandleDatagram(datagram, port.Local, remote, now, now - port.Waited(i));
                }

                Shard.Flush();
                if (count < PortLimits.ReceiveBatch) break;
            }
        }

        return any;
    }

    private bool RunCommands()
    {
        var any = false;
        for (var i = 0; i < MaxCommands && _commands.TryDequeue(out var command); i++)
        {
            Interlocked.Decrement(ref _commandCount);
            any = true;
            Shard.Counters.Commands++;
            command(Shard, Now);
        }

        if (any) Shard.Flush();
        return any;
    }

    private void Sleep(MonotonicTime now)
    {
        var wait = Shard.NextTimeout == MonotonicTime.Never ? MaxWaitMilliseconds
            : (int)Math.Clamp((Shard.NextTimeout - now).TotalMilliseconds + 0.999, 0, MaxWaitMilliseconds);
        if (wait == 0) return;
        Volatile.Write(ref _sleeping, 1);
        Interlocked.MemoryBarrier();
        if (_commands.IsEmpty && !_stopping) _waiter.Wait(wait);
        Volatile.Write(ref _sleeping, 0);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "UDP port {Port} could not be opened on one local address: {Error}")]
    private static partial void LogBindFailed(ILogger logger, int port, System.Net.Sockets.SocketError error);

    [LoggerMessage(EventId = 2, Level = LogLevel.Critical, Message = "The media loop ended")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
