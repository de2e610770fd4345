using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// The thread of one shard: receives in batches, hands each datagram to the shard, sends at the end of the batch, and does what others asked
/// for in between. Nothing on it waits for anything but the sockets.
/// </summary>
/// <remarks>
/// No exception ends it: <see cref="BridgeShard"/> contains those of endpoints and conferences, a command's goes to who asked, and a turn that fails all the
/// same is counted, told, and tried again after a pause. Only when turn after turn fails it gives up, and health says so.
/// </remarks>
internal sealed partial class ShardLoop : IShardGateway, IDisposable
{
    private readonly ConcurrentQueue<Command> _commands = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDatagramPort[] _ports;
    private readonly IDatagramPort[] _polled;
    private readonly IConnectedPort[] _connected;
    private readonly IPortWaiter _waiter;
    private readonly Thread _thread;
    private readonly Action<TimeSpan> _pause;
    private readonly double _nanosecondsPerTick;
    private int _commandCount;
    private int _sleeping;
    private bool _disposed;
    private volatile bool _stopping;
    private volatile bool _ended;
    private volatile bool _hasFailed;

    public ShardLoop(string name, IDatagramPort[] ports, Func<IReadOnlyList<IDatagramPort>, BridgeShard> createShard, TimeProvider time, ILogger logger, IPortWaiter? waiter = null, Action<TimeSpan>? pause = null)
    {
        _ports = ports;
        _time = time;
        _logger = logger;
        _pause = pause ?? Thread.Sleep;
        _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
        _connected = [.. ports.OfType<IConnectedPort>()];
        _polled = [.. ports.Where(p => p is not IConnectedPort)];
        _waiter = waiter ?? (Array.TrueForAll(_polled, p => p is LinuxDatagramPort)
            ? new LinuxPortWaiter(Array.ConvertAll(_polled, p => (LinuxDatagramPort)p))
            : new ManagedPortWaiter(Array.ConvertAll(_polled, p => (ManagedDatagramPort)p)));
        Shard = createShard(ports);
        foreach (var port in _connected) port.Wake = Wake;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>To be touched on the loop's thread alone; counters may be read from anywhere.</summary>
    public BridgeShard Shard { get; }

    /// <summary>How busy and how late it is.</summary>
    public LoopMeter Meter { get; } = new(ThreadCpu.Now);

    /// <summary>The loop gave up: every turn failed.</summary>
    public bool HasFailed => _hasFailed;

    public MonotonicTime Now => new((long)(_time.GetTimestamp() * _nanosecondsPerTick));

    /// <summary>Opens a port on each address; all on the same number.</summary>
    /// <exception cref="SettingsException">The port is taken, or no address can be bound.</exception>
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
        throw new SettingsException([string.Create(CultureInfo.InvariantCulture, $"JVB_PORT: UDP port {options.Port} cannot be opened: {last?.Message ?? "there is no address"}")]);
    }

    public void Start()
    {
        _thread.Start();
        foreach (var port in _connected) port.Start();
    }

    public bool TryPost(Action<BridgeShard, MonotonicTime> work, Action<Exception>? failed = null)
    {
        if (_stopping || _ended) return false;
        if (Interlocked.Increment(ref _commandCount) > LoopLimits.MaxCommands)
        {
            Interlocked.Decrement(ref _commandCount);
            Shard.Counters.RefuseCommand();
            return false;
        }

        _commands.Enqueue(new Command(work, failed, Now));
        Wake();

        // It ended between the two: nobody else would answer.
        if (_ended) FailCommands();
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
        var failures = 0;
        while (!_stopping && failures < LoopLimits.MaxFailedTurns)
        {
            try
            {
                Turn();
                failures = 0;
            }
            catch (Exception e)
            {
                failures++;
                Shard.Blame(null, ShardFault.Loop, e);
                Pause(failures);
            }
        }

        if (!_stopping)
        {
            _hasFailed = true;
            TellFailed();
        }

        _ended = true;
        FailCommands();
    }

    private void Turn()
    {
        var idle = !ReceiveAll() & !ReceiveConnected() & !RunCommands();
        var now = Now;
        if (Shard.NextTimeout <= now)
        {
            // What became due by what was done just now is not late.
            if (Shard.NextTimeout > MonotonicTime.Zero) Meter.OnDone(now - Shard.NextTimeout);
            Shard.HandleTimeout(now);
        }

        Shard.Flush();
        Meter.OnTurn(now);
        if (idle) Sleep(now);
    }

    private bool ReceiveAll()
    {
        var any = false;
        foreach (var port in _polled)
        {
            for (var batch = 0; batch < LoopLimits.MaxBatches; batch++)
            {
                var count = port.Receive();
                if (count == 0) break;
                any = true;
                var now = Now;
                Meter.OnDone(port.Waited(0));
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

    /// <summary>As <see cref="ReceiveAll"/>, for ports whose datagrams others read, and whose senders must first show whose they are.</summary>
    private bool ReceiveConnected()
    {
        var any = false;
        foreach (var port in _connected)
        {
            while (port.TryTakeClosed(out var gone))
            {
                any = true;
                Shard.HandleConnectionClosed(port.Local, gone, Now);
            }

            var count = port.Receive();
            any |= count > 0;
            for (var i = 0; i < count; i++)
            {
                var now = Now;
                var datagram = port.Received(i, out var remote);
                Shard.HandleDatagram(datagram, port.Local, remote, now, now - port.Waited(i));
                port.Identify(i, Shard);
            }

            if (any) Shard.Flush();
        }

        return any;
    }

    private bool HaveConnectedArrived()
    {
        foreach (var port in _connected)
        {
            if (port.HasArrived) return true;
        }

        return false;
    }

    /// <summary>From any thread: something waits for the loop.</summary>
    private void Wake()
    {
        if (Interlocked.CompareExchange(ref _sleeping, 0, 1) == 1) _waiter.Wake();
    }

    private bool RunCommands()
    {
        var any = false;
        for (var i = 0; i < LoopLimits.MaxCommands && _commands.TryDequeue(out var command); i++)
        {
            Interlocked.Decrement(ref _commandCount);
            any = true;
            var now = Now;
            Meter.OnDone(now - command.Posted);
            Shard.Counters.Commands++;
            try
            {
                Shard.Trap?.Invoke(ShardFault.Command, null);
                command.Work(Shard, now);
            }
            catch (Exception e)
            {
                Shard.Blame(null, ShardFault.Command, e);
                Fail(command, e);
            }

            Shard.EndFailed(now);
        }

        if (any) Shard.Flush();
        return any;
    }

    private void Sleep(MonotonicTime now)
    {
        var longest = LoopLimits.MaxWait.TotalMilliseconds;
        var wait = (int)(Shard.NextTimeout == MonotonicTime.Never ? longest : Math.Clamp((Shard.NextTimeout - now).TotalMilliseconds + 0.999, 0, longest));
        if (wait == 0) return;
        Volatile.Write(ref _sleeping, 1);
        Interlocked.MemoryBarrier();
        try
        {
            if (_commands.IsEmpty && !_stopping && !HaveConnectedArrived()) _waiter.Wait(wait);
        }
        finally
        {
            Volatile.Write(ref _sleeping, 0);
        }

        Meter.OnSlept(Now - now);
    }

    /// <summary>A turn that fails at once must not take the whole processor.</summary>
    private void Pause(int failures)
    {
        var pause = LoopLimits.FirstPause * Math.Pow(2, Math.Min(failures - 1, 20));
        _pause(pause < LoopLimits.MaxPause ? pause : LoopLimits.MaxPause);
    }

    private void FailCommands()
    {
        while (_commands.TryDequeue(out var command)) Fail(command, new InvalidOperationException("The media loop has ended."));
    }

    private static void Fail(Command command, Exception error)
    {
        try
        {
            command.Failed?.Invoke(error);
        }
        catch (Exception)
        {
            // Who asked does not want to know.
        }
    }

    private void TellFailed()
    {
        try
        {
            LogFailed(_logger, LoopLimits.MaxFailedTurns);
        }
        catch (Exception)
        {
            // Health says it too.
        }
    }

    /// <param name="Work">On the loop's thread.</param>
    /// <param name="Failed">Hears of an exception.</param>
    /// <param name="Posted">When it was asked for.</param>
    private readonly record struct Command(Action<BridgeShard, MonotonicTime> Work, Action<Exception>? Failed, MonotonicTime Posted);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "UDP port {Port} could not be opened on one local address: {Error}")]
    private static partial void LogBindFailed(ILogger logger, int port, System.Net.Sockets.SocketError error);

    [LoggerMessage(EventId = 2, Level = LogLevel.Critical, Message = "The media loop failed {Turns} times one after another and gave up: all calls of this bridge have ended")]
    private static partial void LogFailed(ILogger logger, int turns);
}
