using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>A room's clients towards one server.</summary>
internal sealed class LoadRoom(string name, IReadOnlyList<LoadClient> clients)
{
    private volatile LoadProfile? _profile;

    public string Name { get; } = name;

    public IReadOnlyList<LoadClient> Clients { get; } = clients;

    public LoadClient Sender => Clients[0];

    public IEnumerable<LoadClient> Receivers => Clients.Skip(1);

    /// <summary>The current media; null: nothing is sent, and the connections are only kept alive.</summary>
    public LoadProfile? Profile
    {
        get => _profile;
        set => _profile = value;
    }

    public long TotalReceived => Receivers.Sum(r => r.Received);
}

/// <summary>
/// All clients on one thread that polls their sockets once a millisecond, in batches: one receive call per client and round, and one send call per burst. The load generator
/// must use little CPU.
/// </summary>
internal sealed class LoadEngine : IDisposable
{
    private const int RoundMilliseconds = 1;
    private const int IdleRounds = 8;
    private readonly List<LoadClient> _loose = [];
    private readonly List<LoadRoom> _rooms = [];
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private Exception? _failure;
    private readonly ManualResetEvent _stop = new(false);

    public LoadEngine()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "load", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>Keeps a client alive that is not in a room yet.</summary>
    public void Add(LoadClient client) => Invoke(_ => _loose.Add(client));

    /// <summary>Clients that were added become a room.</summary>
    public LoadRoom Form(string name, IReadOnlyList<LoadClient> clients)
    {
        var room = new LoadRoom(name, clients);
        Invoke(_ =>
        {
            _loose.RemoveAll(clients.Contains);
            _rooms.Add(room);
        });
        return room;
    }

    public void Close(LoadRoom room) => Invoke(_ =>
    {
        _rooms.Remove(room);
        foreach (var client in room.Clients) client.Dispose();
    });

    /// <summary>Runs something between two rounds.</summary>
    public void Invoke(Action<MonotonicTime> action) => Read(now =>
    {
        action(now);
        return true;
    });

    /// <inheritdoc cref="Invoke"/>
    public T Read<T>(Func<MonotonicTime, T> action)
    {
        if (_failure is not null) throw new InvalidOperationException("The load's thread failed.", _failure);
        lock (_gate) return action(LoadClock.Now);
    }

    public async Task WaitAsync(string what, Func<bool> condition, TimeSpan limit)
    {
        for (var end = LoadClock.Now + limit; !Read(_ => condition()); await Task.Delay(20))
        {
            if (LoadClock.Now > end) throw new TimeoutException($"Not within {limit.TotalSeconds:0} s: {what}");
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
        foreach (var client in _loose.Concat(_rooms.SelectMany(r => r.Clients))) client.Dispose();
    }

    private void Run()
    {
        try
        {
            for (long round = 0; !_stop.WaitOne(RoundMilliseconds); round++)
            {
                lock (_gate)
                {
                    var now = LoadClock.Now;
                    foreach (var client in _loose) client.Poll(null, now);
                    foreach (var room in _rooms)
                    {
                        var profile = room.Profile;
                        if (profile is null && round % IdleRounds != 0) continue;
                        foreach (var client in room.Clients) client.Poll(profile, now);
                    }
                }
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
}
