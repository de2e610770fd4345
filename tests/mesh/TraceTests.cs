using System.Text;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Mesh.Tests.UnderTest;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests;

/// <summary>One join is one trace, over all services.</summary>
[Collection(MeshGroup.Name)]
public sealed class TraceTests(MeshFixture fixture, ITestOutputHelper output)
{
    /// <summary>Each span and what it is a child of.</summary>
    private static readonly (string Service, string Name, string Parent)[] Tree =
    [
        ("Signalling", "login", "join"),
        ("Auth", "admit", "login"),
        ("Signalling", "conference request", "join"),
        ("Focus", "conference request", "conference request"),
        ("Signalling", "room join", "join"),
        ("Focus", "invite", "room join"),
        ("Focus", "call bridge: allocate", "invite"),
        ("MediaBridge", "allocate", "call bridge: allocate"),
        ("MediaBridge", "ice connected", "allocate"),
        ("MediaBridge", "dtls", "allocate"),
        ("MediaBridge", "first media from endpoint", "allocate"),
        ("MediaBridge", "first media to endpoint", "allocate"),
        ("Signalling", "offer", "join"),
        ("Focus", "session-accept", "offer"),
        ("Focus", "call bridge: update", "session-accept"),
        ("MediaBridge", "update", "call bridge: update"),
    ];

    [Fact]
    public async Task One_join_is_one_trace_from_the_websocket_to_the_first_media()
    {
        using var spans = new SpanCollector();
        await using var party = new Party(fixture.Mesh, 771);
        await party.JoinAsync("traced", 2);
        await party.ExpectMediaAsync(party.Clients);
        foreach (var client in party.Clients)
        {
            await party.ExpectAsync("the whole join is traced", () => Tree.All(step => spans.TraceOf(client.Nick).Any(span => span.Service == step.Service && span.Name == step.Name)));
            var trace = spans.TraceOf(client.Nick);
            output.WriteLine(SpanCollector.Print(trace));
            AssertIsTheTree(trace, client.Nick);
        }

        // What people are called, where they are and what their room is called stands in no span, of whatever trace.
        Assert.DoesNotContain(spans.Spans, span => span.Text.Contains("Person", StringComparison.Ordinal) || span.Text.Contains("127.0.0.1", StringComparison.Ordinal) || span.Text.Contains("traced", StringComparison.Ordinal));
        Assert.Equal(2, spans.Spans.Select(span => span.Trace).Distinct().Count());

        // Another owner of the room or of the conference would go on with them.
        var stored = await StoredAsync("traced");
        Assert.All(party.Clients, client => Assert.Contains(spans.TraceOf(client.Nick)[0].Trace, stored, StringComparison.Ordinal));

        // A session that is in says no more of its trace.
        var count = spans.Spans.Count;
        await party.ExpectMediaAsync(party.Clients, packets: 50);
        Assert.Equal(count, spans.Spans.Count);
    }

    [Fact]
    public async Task A_join_that_comes_to_nothing_ends_its_trace_with_the_reason()
    {
        using var spans = new SpanCollector();
        using (var client = RawClient.From(fixture.Mesh)) await client.LogInAsync(fixture.Mesh);
        await using var party = new Party(fixture.Mesh, 773);
        await party.ExpectAsync("the trace ends with the socket", () => spans.Spans.Any(span => span is { Name: "join", Failure: "socket closed" }));
        Assert.Contains(spans.Spans, span => span is { Name: "login", Failure: null });
    }

    [Fact]
    public async Task Where_nobody_listens_no_span_is_made()
    {
        await using var party = new Party(fixture.Mesh, 772);
        await party.JoinAsync("untraced", 2);
        await party.ExpectMediaAsync(party.Clients);

        // No context was handed to anybody, whom it would have cost something to carry it.
        Assert.DoesNotContain("\"Trace\"", await StoredAsync("untraced"), StringComparison.Ordinal);
        Assert.False(Signalling.Sessions.JoinTrace.IsOn);
        Assert.Null(Signalling.Sessions.JoinTrace.Begin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    }

    private async Task<string> StoredAsync(string room)
    {
        var store = fixture.Mesh.Services.GetRequiredService<IMeshStore>();
        var text = new StringBuilder();
        var jid = $"{room}@{fixture.Mesh.MucDomain}";
        foreach (var key in (await store.KeysAsync("room:")).Concat(await store.KeysAsync("conference:")).Where(key => key.EndsWith(jid, StringComparison.Ordinal)))
        {
            foreach (var (field, value) in (await store.ReadAsync(key))!.Fields) text.Append(field).Append(' ').AppendLine(Encoding.UTF8.GetString(value));
        }

        Assert.Contains("Nick", text.ToString(), StringComparison.Ordinal);
        return text.ToString();
    }

    private static void AssertIsTheTree(IReadOnlyList<SpanCollector.Span> trace, string endpoint)
    {
        var byId = trace.ToDictionary(span => span.Id);
        var root = Assert.Single(trace, span => !byId.ContainsKey(span.Parent));
        Assert.Equal(("Signalling", "join", "0000000000000000"), (root.Service, root.Name, root.Parent));
        foreach (var (service, name, parent) in Tree)
        {
            var span = trace.First(one => one.Service == service && one.Name == name);
            Assert.Equal(parent, byId[span.Parent].Name);
            Assert.Null(span.Failure);
            Assert.True(span.Start >= root.Start, name);
        }

        // Before somebody is in the room there is nothing to name; from then on every span names both.
        string[] before = ["login", "admit", "conference request"];
        var meeting = root.Conference;
        Assert.NotNull(meeting);
        Assert.All(trace.Where(span => !before.Contains(span.Name)), span => Assert.Equal((meeting, endpoint), (span.Conference, span.Endpoint)));
        var ice = trace.First(span => span.Name == "ice connected");
        var dtls = trace.First(span => span.Name == "dtls");
        Assert.True(ice.Start + ice.Duration <= dtls.Start + dtls.Duration);
    }
}
