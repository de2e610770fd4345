using System.Globalization;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Mesh.Tests.HighAvailability;

/// <summary>Writes into the store all the time as services do, and remembers what the store has confirmed.</summary>
public sealed class StoreWitness : IAsyncDisposable
{
    private const string Key = "witness";
    private readonly RedisMeshStore _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<long> _counted = [];
    private readonly Task _loop;
    private int _confirmed;

    public StoreWitness(string redis)
    {
        _store = new RedisMeshStore(redis, NullLogger<RedisMeshStore>.Instance);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Writes so far.</summary>
    public int Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>Ends, and looks whether all of it is there and no number was given twice.</summary>
    public async Task ExpectNothingLostAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        var kept = (await _store.ReadAsync(Key))!.Fields;
        var missing = Enumerable.Range(0, _confirmed).Select(Field).Where(field => !kept.ContainsKey(field)).ToList();
        Assert.True(missing.Count == 0, $"{missing.Count} of {_confirmed} confirmed writes are lost: {string.Join(' ', missing)}");
        Assert.Equal(_counted.Order().Distinct(), _counted);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _store.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_stop.IsCancellationRequested)
        {
            _counted.Add(await _store.NextAsync(Key));
            Assert.True(await _store.WriteAsync(Key, 1, new DocumentChange { Put = new Dictionary<string, byte[]> { [Field(_confirmed)] = [1] } }));
            Interlocked.Increment(ref _confirmed);
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static string Field(int number) => number.ToString(CultureInfo.InvariantCulture);
}
