using System.Diagnostics;
using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>An operator restarts processes while people talk.</summary>
public static class RestartScenarios
{
    /// <summary>Focus, auth, the broker and the store begin anew, one after another; nobody in a call notices, and everything works afterwards.</summary>
    public static async Task WhatHoldsNoClientBeginsAnew(ClusterMesh mesh, string room, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, 51);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var before = mesh.Cluster.Processes;

        string[] names = ["auth", "focus", "redis", "rabbitmq"];
        var (code, said) = await MeshAsync(mesh, ["restart", .. names]);
        output.WriteLine(said);
        Assert.Equal(0, code);

        var restarted = before.Keys.Where(name => names.Any(service => name == service || name.StartsWith(service + "-", StringComparison.Ordinal))).ToList();
        var after = mesh.Cluster.Processes;
        Assert.Contains($"Restarted: {restarted.Count}", said, StringComparison.Ordinal);
        Assert.All(restarted, name => Assert.NotEqual(before[name], after[name]));
        Assert.All(before.Keys.Except(restarted), name => Assert.Equal(before[name], after[name]));
        await party.JoinAsync(room, 1);
        await party.ExpectMediaAsync(party.Clients);
        foreach (var client in party.Clients.Take(3))
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        }
    }

    /// <summary>A bridge that is told to end: its people meet on the other one, and are still seen by all.</summary>
    public static async Task ABridgeBeginsAnew(ClusterMesh mesh, string room, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, 52);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var bridge = mesh.BridgeOf(party[0]);

        var moment = new Moment(output);
        var restart = MeshAsync(mesh, ["restart", bridge]);
        await party.ExpectAsync("all are invited anew", () => party.Clients.All(c => c.History.OfType<ParticipantEvent.Offered>().Count() >= 2), Moment.Limit(5));
        moment.Told($"{bridge} is told to end, all of its call invited to another");
        await party.ExpectMediaAsync(party.Clients, packets: 1, frames: 1, seconds: Moment.Limit(5));
        moment.Told($"{bridge} is told to end, all see and hear each other again");
        var (code, said) = await restart;
        output.WriteLine(said);
        Assert.Equal(0, code);
        await party.ExpectMediaAsync(party.Clients);
        Assert.All(party.Clients, client => Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen))));
    }

    /// <summary>A signalling node that is told to end: its people resume at the other node, what was said meanwhile reaches both sides once, and nobody is seen to leave.</summary>
    public static async Task ASignallingNodeBeginsAnew(ClusterMesh mesh, string room, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, 53);
        var stay = new[] { await JoinBy("signalling-1"), await JoinBy("signalling-1") };
        var moved = new[] { await JoinBy("signalling-2"), await JoinBy("signalling-2") };
        await party.ExpectMediaAsync(party.Clients);

        var moment = new Moment(output);
        var restart = MeshAsync(mesh, ["restart", "signalling-2"]);
        await party.ExpectAsync("the sockets are closed", () => moved.All(client => client.Read(p => p.Stream.Phase == StreamPhase.Suspended)), Moment.Limit(15));
        moment.Told("signalling-2 is told to end, its sockets are closed");
        stay[0].Do((p, _) => p.SendMessage("said while they were away"));
        // By the edge, which knows where the sessions are.
        foreach (var client in moved)
        {
            client.Do((p, _) => p.SendMessage($"said while {client.Nick} was away"));
            await client.ConnectAsync(mesh.WebSocket);
        }

        await party.ExpectAsync("resumed", () => moved.All(client => client.Read(p => p.Stream.Resumptions == 1)), Moment.Limit(5));
        moment.Told("its people have resumed at signalling-1");
        await party.ExpectAsync("what was missed arrives", () => moved.All(client => Said(client, "said while they were away") == 1));
        await party.ExpectAsync("what waited is sent", () => stay.All(client => moved.All(other => Said(client, $"said while {other.Nick} was away") == 1)));
        var (code, said) = await restart;
        output.WriteLine(said);
        Assert.Equal(0, code);
        var back = await JoinBy("signalling-2");
        await party.ExpectMediaAsync([.. stay, .. moved, back]);
        moment.Told("signalling-2 is back, who joins by it sees and hears all");
        foreach (var client in (HeadlessClient[])[.. stay, .. moved])
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        }

        static int Said(HeadlessClient client, string text) => client.History.OfType<ParticipantEvent.MessageReceived>().Count(message => message.Body == text);

        async Task<HeadlessClient> JoinBy(string node)
        {
            var client = party.Add(room, webSocket: mesh.SignallingSocket(node));
            await client.JoinAsync();
            await party.ExpectAsync("joins", () => client.Read(p => p.IsJoined));
            return client;
        }
    }

    /// <summary>A name that nothing has ends with 1 and says what runs; nothing is restarted.</summary>
    public static async Task AnUnknownNameIsRefused(ClusterMesh mesh)
    {
        var before = mesh.Cluster.Processes;
        foreach (var name in new[] { "foscus", "focus-9", "../focus-1", "focus.1" })
        {
            var (code, said) = await MeshAsync(mesh, ["restart", "focus-1", name]);
            Assert.Equal(1, code);
            Assert.Contains($"'{name}'", said, StringComparison.Ordinal);
        }

        Assert.Equal(before, mesh.Cluster.Processes);
    }

    private static async Task<(int Code, string Said)> MeshAsync(ClusterMesh mesh, string[] arguments)
    {
        var start = new ProcessStartInfo(Tree.Path("mesh"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Tree.Root };
        start.Environment["MESH_CLUSTER_DIR"] = mesh.Cluster.Folder;
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(texts));
    }
}
