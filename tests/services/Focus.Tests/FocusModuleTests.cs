using System.Text.Json;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Links;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Focus.Tests;

/// <summary>The module in a host of its own, as it is deployed, with bus, store and link in memory.</summary>
public class FocusModuleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_host_hears_of_bridges_joins_rooms_and_shows_its_pages()
    {
        var settings = MeshSettings.From(
        [
            new("MESH_HTTP_PORT", "127.0.0.1:0"), new("MESH_GRPC_PORT", "127.0.0.1:0"), new("LOG_LEVEL", "error"), new("XMPP_DOMAIN", "meet.example"),
            new("JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT", "33"), new("JICOFO_AUTH_PASSWORD", "0123456789abcdef"),
        ]);
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("focus", settings);
        builder.AddFocus(options => options.Version = "test");
        await using var app = builder.Build();
        app.MapMeshDefaults();
        app.MapFocus();
        await app.StartAsync();
        var options = app.Services.GetRequiredService<FocusOptions>();
        Assert.Equal(("focus@auth.meet.example/focus", TimeSpan.FromSeconds(33), "test"), (options.FullAddress, options.SingleParticipantTimeout, options.Version));

        var link = app.Services.GetRequiredService<IStanzaLink>();
        var signalling = new Signalling();
        await using var consumption = await link.ConsumePartitionsAsync("signalling", signalling);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Services.GetRequiredService<BridgeWatch>().Changed += () => heard.TrySetResult();
        await app.Services.GetRequiredService<IBus>().Publish(new BridgeStatusReported { BridgeId = "jvb-1", Number = 1, StartedAt = DateTimeOffset.UnixEpoch, ControlAddress = "inproc:jvb-1" });
        await heard.Task.WaitAsync(Patience);

        var request = Stanzas.Iq("set", "c1", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", FocusScenario.Room)), "ann@meet.example/web");
        await link.SendAsync(LinkQueue.Partition("focus", Partitions.Of(FocusScenario.Room)), new StanzaEnvelope { Room = FocusScenario.Room, Stanza = request.ToString() });
        var join = await signalling.First.Task.WaitAsync(Patience);
        Assert.Equal($"{FocusScenario.Room}/focus", join["to"]);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.Services.GetRequiredService<ListenAddresses>().HttpPort}") };
        using var stats = JsonDocument.Parse(await http.GetStringAsync("/stats"));
        Assert.Equal(1, stats.RootElement.GetProperty("conferences").GetInt32());
        Assert.Equal(1, stats.RootElement.GetProperty("total_conferences_created").GetInt32());
        Assert.Equal(1, stats.RootElement.GetProperty("bridge_selector").GetProperty("bridge_count").GetInt32());
        using var debug = JsonDocument.Parse(await http.GetStringAsync("/debug/focus"));
        Assert.Equal(FocusScenario.Room, debug.RootElement.GetProperty("conferences")[0].GetProperty("room").GetString());
        Assert.Equal(Partitions.Count, debug.RootElement.GetProperty("partitions").GetArrayLength());
        await app.StopAsync();
    }

    [Fact]
    public async Task A_removed_account_loses_its_session_ids()
    {
        var settings = MeshSettings.From(
        [
            new("MESH_HTTP_PORT", "127.0.0.1:0"), new("MESH_GRPC_PORT", "127.0.0.1:0"), new("LOG_LEVEL", "error"), new("XMPP_DOMAIN", "meet.example"), new("ENABLE_AUTH", "1"),
        ]);
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("focus", settings);
        builder.AddFocus();
        await using var app = builder.Build();
        app.MapMeshDefaults();
        await app.StartAsync();
        var tickets = app.Services.GetRequiredService<SessionTickets>();
        var ann = await tickets.IssueAsync("ann@meet.example", "m", null, default);
        var bob = await tickets.IssueAsync("bob@meet.example", "m", null, default);

        await app.Services.GetRequiredService<IBus>().Publish(new AccountRevoked { BareJid = "ann@meet.example" });

        using var patience = new CancellationTokenSource(Patience);
        while (await tickets.FindAsync(ann.Id, patience.Token) is not null) await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        Assert.NotNull(await tickets.FindAsync(bob.Id, default));
        await app.StopAsync();
    }

    private sealed class Signalling : IPartitionConsumer
    {
        public TaskCompletionSource<XmppElement> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask LostAsync(int partition) => ValueTask.CompletedTask;

        public ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
        {
            First.TrySetResult(XmppParser.Parse(envelope.Stanza));
            return ValueTask.CompletedTask;
        }
    }
}
