using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Jingle;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Processes of a cluster are killed while people talk.</summary>
public static class FailureScenarios
{
    /// <summary>Its people are invited to the other bridge; a call on that one notices nothing.</summary>
    public static async Task ABridgeIsKilled(ClusterMesh mesh, string room, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, 31);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var hit = party.Clients.ToList();
        var bridge = mesh.BridgeOf(hit[0]);
        Assert.All(hit, client => Assert.Equal(bridge, mesh.BridgeOf(client)));

        // Rooms of two until one is on the other bridge.
        List<HeadlessClient> spared = [];
        for (var i = 0; spared.Count == 0; i++)
        {
            Assert.True(i < 10, "every conference is put on one bridge");
            await party.JoinAsync($"{room}-{i}", 2);
            var pair = party.Clients.TakeLast(2).ToList();
            await party.ExpectMediaAsync(pair);
            if (mesh.BridgeOf(pair[0]) != bridge) spared = pair;
        }

        // Those that share the bridge are no part of this.
        foreach (var other in party.Clients.Except(hit).Except(spared)) other.Leave();

        var moment = new Moment(output);
        mesh.Cluster.Kill(bridge);
        await party.ExpectAsync("all are invited anew", () => hit.All(c => c.History.OfType<ParticipantEvent.Offered>().Count() >= 2), Moment.Limit(5));
        moment.Told($"{bridge} killed, all of its call invited to another");
        await party.ExpectMediaAsync(hit, packets: 1, frames: 1, seconds: Moment.Limit(5));
        moment.Told($"{bridge} killed, all see and hear each other again");
        await party.ExpectMediaAsync(hit);
        foreach (var client in spared)
        {
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
            Assert.Equal(0, client.Lost);
        }

        await party.ExpectMediaAsync(spared);
        Assert.All(party.Clients, client => Assert.Equal(0, client.Read(p => p.FocusLeavesSeen)));
        Assert.All(hit, client => Assert.Equal(0, client.Read(p => p.LeavesSeen)));
    }

    /// <summary>Calls go on, joins and mutes work again, and nobody sees the focus leave.</summary>
    public static async Task AFocusIsKilled(ClusterMesh mesh, string room, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, 32);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var (moderator, victim) = (party[0], party[1]);
        await party.ExpectAsync("the first is moderator", () => moderator.Read(p => p.Role == "moderator"));
        var focus = await mesh.FocusOfAsync(room);

        var moment = new Moment(output);
        mesh.Cluster.Kill(focus);
        moderator.Do((p, _) => p.Mute(victim.Nick, MediaKind.Audio, mute: true));
        var joiner = party.Add(room);
        await joiner.JoinAsync();
        await party.ExpectAsync("the order to mute arrives", () => victim.History.OfType<ParticipantEvent.Muted>().Any(), Moment.Limit(3));
        moment.Told($"{focus} killed, a mute works");
        await party.ExpectAsync("the fourth is in and invited", () => joiner.History.OfType<ParticipantEvent.Offered>().Any(), Moment.Limit(3));
        moment.Told($"{focus} killed, a join works");
        await party.ExpectMediaAsync(party.Clients);
        foreach (var client in party.Clients.Take(3))
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        }

        Assert.NotEqual(focus, await mesh.FocusOfAsync(room));
    }

    /// <summary>Broker or store die and come back: media goes on meanwhile, and then everything else does, in the same processes of ours.</summary>
    public static async Task WhatConnectsTheServicesIsKilled(ClusterMesh mesh, string room, string name, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, name == "redis" ? 33u : 34u);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var (moderator, victim) = (party[0], party[1]);
        await party.ExpectAsync("the first is moderator", () => moderator.Read(p => p.Role == "moderator"));
        var before = mesh.Cluster.Processes;

        var moment = new Moment(output);
        mesh.Cluster.Kill(name);
        for (var i = 0; i < 3; i++)
        {
            await party.ExpectMediaAsync(party.Clients, packets: 10, frames: 2, seconds: 10);
            moment.Told($"{name} killed, all hear each other");
        }

        await party.ExpectAsync($"{name} is back", () => mesh.Cluster.Processes.GetValueOrDefault(name) != before[name]);
        moderator.Do((p, _) => p.SendMessage("after " + name));
        await party.ExpectAsync("chat works", () => victim.History.OfType<ParticipantEvent.MessageReceived>().Any(m => m.Body == "after " + name));
        moment.Told($"{name} killed, chat works");
        moderator.Do((p, _) => p.Mute(victim.Nick, MediaKind.Audio, mute: true));
        await party.ExpectAsync("a mute works", () => victim.History.OfType<ParticipantEvent.Muted>().Any());
        moment.Told($"{name} killed, a mute works");
        await party.JoinAsync(room, 1);
        await party.ExpectMediaAsync(party.Clients);
        moment.Told($"{name} killed, a newcomer sees and hears all");
        await party.JoinAsync(room + "-new", 2);
        await party.ExpectMediaAsync([.. party.Clients.TakeLast(2)]);
        moment.Told($"{name} killed, a new room works");
        foreach (var client in party.Clients.Take(3))
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        }

        var after = mesh.Cluster.Processes;
        Assert.All(before.Where(process => process.Key != name), process => Assert.Equal(process.Value, after[process.Key]));
    }

    /// <summary>A room's sessions are on two nodes, and one of the nodes dies without a word: those that it served resume at the other one, nobody is seen to leave, and what is said meanwhile reaches all once.</summary>
    /// <param name="mesh">Of two signalling nodes.</param>
    /// <param name="room">A room of its own.</param>
    /// <param name="owner">Whether the one that dies owns the room.</param>
    /// <param name="output">Is told how long things took.</param>
    public static async Task ASignallingNodeIsKilled(ClusterMesh mesh, string room, bool owner, ITestOutputHelper output)
    {
        await using var party = new Party(mesh, owner ? 35u : 36u);
        var (stays, killed) = ("signalling-1", "signalling-2");

        // Which node owns a room comes from its name.
        for (var i = 0; ; i++)
        {
            var tried = $"{room}{i}";
            await JoinBy(stays, tried);
            if (await mesh.SignallingOfAsync(tried) == (owner ? killed : stays)) break;
            party[^1].Leave();
        }

        room = party[^1].Read(p => p.Options.Room);
        var first = party[^1];
        var second = await JoinBy(stays, room);
        var lost = new[] { await JoinBy(killed, room), await JoinBy(killed, room) };
        HeadlessClient[] all = [first, second, .. lost];
        await party.ExpectMediaAsync(all);
        await party.ExpectAsync("the first is moderator", () => first.Read(p => p.Role == "moderator"));

        var moment = new Moment(output);
        var before = mesh.Cluster.Processes[killed];
        var what = $"{killed} killed ({(owner ? "owner" : "not owner")} of the room)";
        mesh.Cluster.Kill(killed);
        first.Do((p, _) => p.SendMessage("said by one who stays"));
        foreach (var client in lost) client.Do((p, _) => p.SendMessage($"said by {client.Nick} while cut off"));
        await party.ExpectAsync("those are cut off", () => lost.All(client => client.Read(p => p.Stream.Phase == StreamPhase.Suspended)), Moment.Limit(3));
        await party.ExpectAsync("chat of the others works", () => Said(second, "said by one who stays") == 1, Moment.Limit(3));
        moment.Told($"{what}, the others chat");
        // By the edge, which finds the node that takes the sessions; as the stock client does, until it works.
        foreach (var client in lost) await ResumeAsync(client);
        moment.Told($"{what}, its people have resumed");
        await party.ExpectAsync("chat of both sides arrives", () => all.All(client => Said(client, "said by one who stays") == 1 && lost.All(other => client == other || Said(client, $"said by {other.Nick} while cut off") == 1)), Moment.Limit(3));
        moment.Told($"{what}, chat works both ways");
        first.Do((p, _) => p.Mute(lost[0].Nick, MediaKind.Audio, mute: true));
        await party.ExpectAsync("a mute arrives", () => lost[0].History.OfType<ParticipantEvent.Muted>().Any(), Moment.Limit(3));
        moment.Told($"{what}, a mute works");
        await party.ExpectMediaAsync([first, second, lost[1]]);
        await party.JoinAsync(room, 1);
        await party.ExpectMediaAsync([first, second, lost[1], party[^1]]);
        moment.Told($"{what}, a newcomer sees and hears all");
        foreach (var client in all)
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
            Assert.All(lost.Where(other => other != client), other => Assert.Equal(1, Said(client, $"said by {other.Nick} while cut off")));
        }

        // For the scenario that follows.
        await party.ExpectAsync("the killed process is back", () => mesh.Cluster.Processes.GetValueOrDefault(killed) is var process && process > 0 && process != before && IsOpen(mesh.SignallingSocket(killed)));

        static bool IsOpen(Uri door)
        {
            try
            {
                using var socket = new System.Net.Sockets.TcpClient(door.Host, door.Port);
                return socket.Connected;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        }

        static int Said(HeadlessClient client, string text) => client.History.OfType<ParticipantEvent.MessageReceived>().Count(message => message.Body == text);

        async Task ResumeAsync(HeadlessClient client)
        {
            for (var end = DateTime.UtcNow.AddSeconds(Moment.Limit(10)); ;)
            {
                try
                {
                    await client.ConnectAsync(mesh.WebSocket);
                    if (await client.WaitAsync(c => c.Read(p => p.Stream.Resumptions == 1), TimeSpan.FromSeconds(6))) return;
                }
                catch (System.Net.WebSockets.WebSocketException) when (DateTime.UtcNow < end)
                {
                    // The next try.
                }

                Assert.True(DateTime.UtcNow < end, "Not resumed in time.");
            }
        }

        async Task<HeadlessClient> JoinBy(string node, string name)
        {
            var client = party.Add(name, webSocket: mesh.SignallingSocket(node));
            await client.JoinAsync();
            await party.ExpectAsync("joins", () => client.Read(p => p.IsJoined));
            return client;
        }
    }
}
