using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Hosting.Tests.Programs;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace JitsiMesh.Hosting.Tests.Store;

/// <summary>What somebody puts into Redis who has its password: one such value fails no call for the others.</summary>
public sealed class HostileValuesTests(RunningRedis redis) : IClassFixture<RunningRedis>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [RedisFact]
    public async Task Placements_of_others_are_found_beside_what_is_none()
    {
        await using var store = new RedisMeshStore(redis.Configuration, NullLogger<RedisMeshStore>.Instance);
        await using var attacker = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        var database = attacker.GetDatabase();
        await store.SetPlacementAsync("node/focus/a", "here", Long);
        string[] hostile = ["", "|", "x", "x|y", "-1|y", "99999999999999999999999999|far", "1|past", "12", "\u0000|", new string('9', 100_000)];
        for (var i = 0; i < hostile.Length; i++) await database.HashSetAsync("jitsimesh:placements", $"node/focus/hostile{i}", hostile[i]);
        await database.HashSetAsync("jitsimesh:placements", "node/focus/bytes", new byte[] { 0xFF, 0xFE, 0x7C });

        // Beyond 512 entries writing sweeps out what has ended, now and then.
        for (var i = 0; i < 600; i++) await database.HashSetAsync("jitsimesh:placements", $"x{i}", "no deadline");
        for (var i = 0; i < 40; i++) await store.SetPlacementAsync("node/focus/b", "there", Long);

        var found = await store.GetPlacementsAsync("node/focus/");
        Assert.Equal("here", found["node/focus/a"]);
        Assert.Equal("there", found["node/focus/b"]);
        Assert.Equal("here", await store.GetPlacementAsync("node/focus/a"));
        for (var i = 0; i < hostile.Length; i++) _ = await store.GetPlacementAsync($"node/focus/hostile{i}");
        Assert.Null(await store.GetPlacementAsync("node/focus/hostile2"));
    }

    [RedisFact]
    public async Task Placements_of_another_type_are_replaced()
    {
        await using var store = new RedisMeshStore(redis.Configuration + ",defaultDatabase=1", NullLogger<RedisMeshStore>.Instance);
        await using var attacker = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        await attacker.GetDatabase(1).StringSetAsync("jitsimesh:placements", "a text");

        await store.SetPlacementAsync("node/focus/a", "here", Long);

        Assert.Equal("here", await store.GetPlacementAsync("node/focus/a"));
    }

    [RedisTheory]
    [InlineData("string")]
    [InlineData("list")]
    [InlineData("fields")]
    [InlineData("epoch")]
    [InlineData("tombstone")]
    public async Task A_document_that_is_none_is_read_as_none_and_can_be_written(string kind)
    {
        await using var store = new RedisMeshStore(redis.Configuration, NullLogger<RedisMeshStore>.Instance);
        await using var attacker = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        var database = attacker.GetDatabase();
        var key = $"room:1:{kind}";
        switch (kind)
        {
            case "string":
                await database.StringSetAsync("jitsimesh:doc:" + key, "a text");
                break;
            case "list":
                await database.ListLeftPushAsync("jitsimesh:doc:" + key, "x");
                break;
            case "fields":
                await database.HashSetAsync("jitsimesh:doc:" + key, [new HashEntry("", "x"), new HashEntry("f", "x"), new HashEntry("x", "x"), new HashEntry("f:", "x"), new HashEntry(new byte[] { 0xFF }, "x")]);
                break;
            case "epoch":
                await database.HashSetAsync("jitsimesh:doc:" + key, [new HashEntry("e", "not a number"), new HashEntry("f:title", "x")]);
                break;
            default:
                await database.ListLeftPushAsync("jitsimesh:gone:" + key, "x");
                break;
        }

        Assert.Contains(key, kind == "tombstone" ? [key] : await store.KeysAsync("room:1:"));
        var read = await store.ReadAsync(key);
        Assert.True(read is null || read.Fields.Keys.All(field => field is "" or "title"));
        Assert.True(await store.WriteAsync(key, 3, new DocumentChange { Put = new Dictionary<string, byte[]> { ["title"] = [1, 2] } }));
        Assert.False(await store.WriteAsync(key, 2, new DocumentChange()));
        Assert.Equal([1, 2], (await store.ReadAsync(key))!.Fields["title"]);
        Assert.True(await store.DeleteAsync(key, 3));
        Assert.Null(await store.ReadAsync(key));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("x")]
    [InlineData("""{"NodeId":null,"ServiceName":"focus","HttpAddress":"http://a:1","GrpcAddress":"http://a:2"}""")]
    [InlineData("""{"NodeId":"n","ServiceName":"focus","HttpAddress":null,"GrpcAddress":"http://a:2"}""")]
    [InlineData("""{"NodeId":"n","ServiceName":"focus","HttpAddress":"not an address","GrpcAddress":"http://a:2"}""")]
    [InlineData("""{"NodeId":"n","ServiceName":"focus","HttpAddress":"file:///etc/passwd","GrpcAddress":"http://a:2"}""")]
    [InlineData("""{"NodeId":"\ud800","ServiceName":"focus","HttpAddress":"http://a:1","GrpcAddress":"http://a:2"}""")]
    public void A_node_that_none_of_ours_has_written_is_none(string text) => Assert.Null(NodeRecord.FromText(text));

    [Fact]
    public void A_node_of_ours_is_read_as_it_was_written()
    {
        var record = new NodeRecord { NodeId = "n", ServiceName = "focus", HttpAddress = "http://[::1]:1", GrpcAddress = "http://host.example:2", Draining = true };
        Assert.Equal(record, NodeRecord.FromText(record.ToText()));
    }
}
