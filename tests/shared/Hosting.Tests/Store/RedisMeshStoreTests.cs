using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Hosting.Tests.Programs;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace JitsiMesh.Hosting.Tests.Store;

public sealed class RedisMeshStoreTests(RunningRedis redis) : IClassFixture<RunningRedis>
{
    [RedisTheory]
    [MemberData(nameof(MeshStoreContract.Names), MemberType = typeof(MeshStoreContract))]
    public async Task Contract(string scenario)
    {
        await EmptyAsync();
        await using var store = new RedisMeshStore(redis.Configuration, NullLogger<RedisMeshStore>.Instance);
        await MeshStoreContract.RunAsync(scenario, store, Task.Delay);
    }

    [RedisFact]
    public async Task A_write_made_while_redis_restarts_arrives_and_is_still_fenced()
    {
        await EmptyAsync();
        await using var store = new RedisMeshStore(redis.Configuration, NullLogger<RedisMeshStore>.Instance);
        Assert.True(await store.WriteAsync("k", 2, new DocumentChange { Put = new Dictionary<string, byte[]> { ["before"] = [1] } }));

        await redis.KillAsync();
        var during = store.WriteAsync("k", 3, new DocumentChange { Put = new Dictionary<string, byte[]> { ["during"] = [2] } }).AsTask();
        await redis.StartAsync();

        Assert.True(await during.WaitAsync(TimeSpan.FromSeconds(40)));
        Assert.False(await store.WriteAsync("k", 2, new DocumentChange()));
        Assert.Equal(["before", "during"], (await store.ReadAsync("k"))!.Fields.Keys.Order());
    }

    private async Task EmptyAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await connection.GetServers()[0].FlushDatabaseAsync();
    }
}
