using System.Text;
using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Hosting.Tests.Store;

/// <summary>The guarantees of every store. Each implementation's test class runs all of these.</summary>
public static class MeshStoreContract
{
    private static readonly Dictionary<string, Func<IMeshStore, Func<TimeSpan, Task>, Task>> Scenarios = new(StringComparer.Ordinal)
    {
        ["what was never written is not there"] = async (store, _) => Assert.Null(await store.ReadAsync("nothing")),
        ["a document is what its changes add up to"] = ChangesAddUp,
        ["an older owner cannot write or delete"] = OlderOwnerIsFenced,
        ["an older owner cannot bring a deleted document back"] = DeletedStaysFenced,
        ["keys are found by prefix"] = KeysByPrefix,
        ["counters count each for itself"] = Counters,
        ["a tally is what was added to it and goes away by itself"] = Tallies,
        ["a placement goes away by itself"] = PlacementsEnd,
        ["placements are found by prefix and removed"] = PlacementsByPrefix,
        ["values are bytes as given"] = BytesAsGiven,
        ["of many writers with one epoch every field arrives"] = ManyWriters,
    };

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="store">Empty.</param>
    /// <param name="pass">Advances the store's time.</param>
    public static Task RunAsync(string name, IMeshStore store, Func<TimeSpan, Task> pass) => Scenarios[name](store, pass);

    private static async Task ChangesAddUp(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        Assert.True(await store.WriteAsync("room/a", 1, Put(("x", "1"), ("y", "2"))));
        Assert.True(await store.WriteAsync("room/a", 1, new DocumentChange { Put = Put(("y", "3"), ("z", "4")).Put, Remove = ["x", "not there"] }));

        var document = await store.ReadAsync("room/a");

        Assert.Equal(1, document!.Epoch);
        Assert.Equal(["y=3", "z=4"], document.Fields.Select(f => $"{f.Key}={Encoding.UTF8.GetString(f.Value)}").Order());
    }

    private static async Task OlderOwnerIsFenced(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        Assert.True(await store.WriteAsync("k", 5, Put(("x", "new"))));

        Assert.False(await store.WriteAsync("k", 4, Put(("x", "old"))));
        Assert.False(await store.DeleteAsync("k", 4));
        Assert.True(await store.WriteAsync("k", 5, Put(("w", "same owner"))));
        Assert.True(await store.WriteAsync("k", 6, Put(("v", "next owner"))));

        var document = await store.ReadAsync("k");
        Assert.Equal(6, document!.Epoch);
        Assert.Equal("new", Encoding.UTF8.GetString(document.Fields["x"]));
        Assert.Equal(3, document.Fields.Count);
    }

    private static async Task DeletedStaysFenced(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        await store.WriteAsync("k", 5, Put(("x", "1")));
        Assert.True(await store.DeleteAsync("k", 6));

        Assert.Null(await store.ReadAsync("k"));
        Assert.Empty(await store.KeysAsync("k"));
        Assert.False(await store.WriteAsync("k", 5, Put(("x", "2"))));
        Assert.Null(await store.ReadAsync("k"));

        Assert.True(await store.WriteAsync("k", 6, Put(("y", "3"))));
        Assert.Equal(["y"], (await store.ReadAsync("k"))!.Fields.Keys);
    }

    private static async Task KeysByPrefix(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        for (var i = 0; i < 300; i++) await store.WriteAsync($"room/{i}", 1, Put(("x", "1")));
        await store.WriteAsync("roo", 1, Put(("x", "1")));
        await store.WriteAsync("session/*[a]?", 1, Put(("x", "1")));

        Assert.Equal(300, (await store.KeysAsync("room/")).Distinct().Count());
        Assert.Equal(["session/*[a]?"], await store.KeysAsync("session/*["));
        Assert.Empty(await store.KeysAsync("session/x"));
    }

    private static async Task Counters(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        for (var expected = 1; expected <= 3; expected++) Assert.Equal(expected, await store.NextAsync("a"));
        Assert.Equal(1, await store.NextAsync("b"));
    }

    private static async Task Tallies(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        var lifetime = TimeSpan.FromSeconds(1);
        Assert.Equal(0, await store.TallyAsync("a", 0, lifetime));
        Assert.Equal(0, await store.TallyAsync("a", -1, lifetime));
        foreach (var (amount, sum) in ((long, long)[])[(1, 1), (2, 3), (-1, 2), (0, 2)]) Assert.Equal(sum, await store.TallyAsync("a", amount, lifetime));
        Assert.Equal(0, await store.TallyAsync("a", -9, lifetime));
        Assert.Equal(5, await store.TallyAsync("b", 5, TimeSpan.FromSeconds(100)));
        Assert.Equal(50, (await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => store.TallyAsync("c", 1, TimeSpan.FromSeconds(100)).AsTask()))).Max());

        // From the first addition on, whatever comes later.
        await store.TallyAsync("a", 1, TimeSpan.FromSeconds(100));
        await pass(TimeSpan.FromSeconds(1.1));

        Assert.Equal(0, await store.TallyAsync("a", 0, lifetime));
        Assert.Equal(5, await store.TallyAsync("b", 0, lifetime));
    }

    private static async Task PlacementsEnd(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        await store.SetPlacementAsync("p", "v", TimeSpan.FromSeconds(1));
        await store.SetPlacementAsync("q", "w", TimeSpan.FromSeconds(100));
        Assert.Equal("v", await store.GetPlacementAsync("p"));
        await store.SetPlacementAsync("p", "v2", TimeSpan.FromSeconds(1));
        Assert.Equal("v2", await store.GetPlacementAsync("p"));

        await pass(TimeSpan.FromSeconds(1.1));

        Assert.Null(await store.GetPlacementAsync("p"));
        Assert.Equal("w", await store.GetPlacementAsync("q"));
        Assert.Equal(["q"], (await store.GetPlacementsAsync("")).Keys);
    }

    private static async Task PlacementsByPrefix(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        var day = TimeSpan.FromDays(1);
        await store.SetPlacementAsync("node/a/1", "one", day);
        await store.SetPlacementAsync("node/a/2", "two", day);
        await store.SetPlacementAsync("node/b/3", "three", day);
        await store.WriteAsync("node/a/9", 1, Put(("x", "a document, no placement")));

        var found = await store.GetPlacementsAsync("node/a/");
        await store.RemovePlacementAsync("node/a/1");

        Assert.Equal(["node/a/1=one", "node/a/2=two"], found.Select(p => $"{p.Key}={p.Value}").Order());
        Assert.Equal(["node/a/2"], (await store.GetPlacementsAsync("node/a/")).Keys);
        Assert.Null(await store.GetPlacementAsync("node/a/1"));
    }

    private static async Task BytesAsGiven(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        var bytes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        await store.WriteAsync("k", 1, new DocumentChange { Put = new Dictionary<string, byte[]> { ["all\u00fc"] = bytes, [""] = [] } });

        var fields = (await store.ReadAsync("k"))!.Fields;

        Assert.Equal(bytes, fields["all\u00fc"]);
        Assert.Empty(fields[""]);
    }

    private static async Task ManyWriters(IMeshStore store, Func<TimeSpan, Task> pass)
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () => Assert.True(await store.WriteAsync("k", 1, Put(($"f{i}", "v")))))));

        Assert.Equal(50, (await store.ReadAsync("k"))!.Fields.Count);
    }

    private static DocumentChange Put(params (string Field, string Value)[] fields) =>
        new() { Put = fields.ToDictionary(f => f.Field, f => Encoding.UTF8.GetBytes(f.Value)) };
}
