using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>Logins with accounts, guests and their hosts on two auth, two signalling and two focus nodes, and what happens to a call when auth dies.</summary>
public sealed class AccountsClusterTests(AccountsCluster cluster, ITestOutputHelper output) : IClassFixture<AccountsCluster>
{
    private const string Password = AuthenticationMode.Password;

    private ClusterMesh Mesh => cluster.Mesh;

    [NeedsClusterFact]
    public async Task The_steps_of_one_login_are_answered_by_two_auth_nodes()
    {
        await AddAsync("steps");
        foreach (var mechanism in (string[])["SCRAM-SHA-1", "SCRAM-SHA-256"])
        {
            var before = await CountsAsync();
            await using var client = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "steps");
            Assert.Null(await client.LogInAsync("meet.jitsi", mechanism, "steps", Password));
            // A page of metrics may be some 100 ms old.
            var after = await CountsAsync();
            for (var tries = 0; tries < 50 && after.Sum(one => one.Challenged + one.Admitted) < before.Sum(one => one.Challenged + one.Admitted) + 2; tries++)
            {
                await Task.Delay(100);
                after = await CountsAsync();
            }

            var challenged = Enumerable.Range(0, 2).Single(i => after[i].Challenged == before[i].Challenged + 1);
            Assert.Equal(before[1 - challenged].Admitted + 1, after[1 - challenged].Admitted);
            Assert.Equal(before[challenged].Admitted, after[challenged].Admitted);
        }
    }

    [NeedsClusterFact]
    public async Task A_guest_waits_at_one_signalling_node_until_the_host_opens_at_the_other()
    {
        await AddAsync("opener");
        await WaitsAsync("signalling-1", "signalling-2", "wait-1");
        await WaitsAsync("signalling-2", "signalling-1", "wait-2");

        async Task WaitsAsync(string guests, string hosts, string room)
        {
            await using var guest = await LoginClient.OpenAsync(Mesh.SignallingSocket(guests), room);
            Assert.Null(await guest.LogInAsync("guest.meet.jitsi"));
            Assert.Equal("request: not-authorized", await guest.RequestAsync(room));
            Assert.Equal("join: not-allowed \"Room creation is restricted\"", await guest.JoinAsync(room));

            await using var host = await LoginClient.OpenAsync(Mesh.SignallingSocket(hosts), room);
            Assert.Null(await host.LogInAsync("meet.jitsi", "SCRAM-SHA-256", "opener", Password));
            Assert.Null(await host.RequestAsync(room));
            Assert.Null(await host.JoinAsync(room));

            Assert.Null(await guest.RequestAsync(room));
            Assert.Null(await guest.JoinAsync(room));
            Assert.Equal("participant", await guest.SettledRoleAsync());
            Assert.Equal("moderator", await host.SettledRoleAsync());
        }
    }

    [NeedsClusterFact]
    public async Task A_session_id_of_one_focus_is_good_at_the_other_until_it_is_logged_out()
    {
        await AddAsync("roamer");
        await using var login = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "roam");
        Assert.Null(await login.LogInAsync("meet.jitsi", "PLAIN", "roamer", Password));
        Assert.Null(await login.RequestAsync("roam0"));
        var first = await Mesh.FocusOfAsync("roam0");
        var other = "";
        for (var i = 1; other.Length == 0; i++)
        {
            Assert.True(i < 50, "every conference is at one focus");
            Assert.Null(await login.RequestAsync($"roam{i}"));
            if (await Mesh.FocusOfAsync($"roam{i}") != first) other = $"roam{i}";
        }

        Assert.Null(await login.RequestAsync("roam0"));
        var id = login.SessionId!;
        await using var guest = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-2"), other);
        Assert.Null(await guest.LogInAsync("guest.meet.jitsi"));
        Assert.Null(await guest.RequestAsync(other, id));
        Assert.Equal("roamer@meet.jitsi", guest.Identity);
        Assert.Null(await guest.JoinAsync(other));
        Assert.Equal("request: not-acceptable", await guest.RequestAsync(other, id, machine: "another machine"));

        Assert.Null(await guest.LogOutAsync(id));
        Assert.Equal("request: not-acceptable session-invalid", await guest.RequestAsync("roam0", id));
        Assert.Equal("request: not-acceptable session-invalid", await guest.RequestAsync(other, id));
    }

    [NeedsClusterFact]
    public async Task A_removed_accounts_sessions_end_at_both_signalling_nodes()
    {
        await AddAsync("removed");
        await AddAsync("stays");
        List<LoginClient> removed = [];
        await using var stays = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "removal");
        Assert.Null(await stays.LogInAsync("meet.jitsi", "PLAIN", "stays", Password));
        foreach (var node in Mesh.Nodes("signalling"))
        {
            removed.Add(await LoginClient.OpenAsync(Mesh.SignallingSocket(node), "removal"));
            Assert.Null(await removed[^1].LogInAsync("meet.jitsi", "PLAIN", "removed", Password));
            Assert.Null(await removed[^1].RequestAsync("removal"));
            Assert.Null(await removed[^1].JoinAsync("removal"));
        }

        await cluster.UsersAsync("", "remove", "removed");
        foreach (var client in removed)
        {
            Assert.Equal("stream: not-authorized", await client.EndAsync());
            await client.DisposeAsync();
        }

        foreach (var node in Mesh.Nodes("signalling"))
        {
            await using var again = await LoginClient.OpenAsync(Mesh.SignallingSocket(node), "removal");
            Assert.Equal("login: not-authorized", await again.LogInAsync("meet.jitsi", "SCRAM-SHA-1", "removed", Password));
        }

        Assert.Null(await stays.RequestAsync("removal"));
    }

    [NeedsClusterFact]
    public async Task Both_auth_nodes_count_failed_logins_together()
    {
        await AddAsync("guessed");
        for (var i = 0; i < 10; i++) Assert.Equal("login: not-authorized", await TryAsync($"guess {i}"));
        for (var i = 0; i < 2; i++) Assert.Equal("login: temporary-auth-failure", await TryAsync(Password));

        async Task<string?> TryAsync(string password)
        {
            await using var client = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "guess");
            return await client.LogInAsync("meet.jitsi", "PLAIN", "guessed", password);
        }
    }

    [NeedsClusterFact]
    public async Task Nothing_that_people_log_in_with_is_in_logs_inner_pages_or_arguments_of_any_process()
    {
        const string Wrong = "walrus-in-the-wrong-field", NoAccount = "typed-into-the-wrong-field";
        await AddAsync("secretive");
        List<string> secrets = [Password, Wrong, NoAccount];
        foreach (var node in Mesh.Nodes("signalling"))
        {
            await using var client = await LoginClient.OpenAsync(Mesh.SignallingSocket(node), "secretive");
            Assert.Null(await client.LogInAsync("meet.jitsi", "PLAIN", "secretive", Password));
            Assert.Null(await client.RequestAsync("secretive"));
            Assert.Null(await client.JoinAsync("secretive"));
            secrets.Add(client.SessionId!);
            foreach (var name in (string[])["secretive", NoAccount])
            {
                await using var refused = await LoginClient.OpenAsync(Mesh.SignallingSocket(node), "secretive");
                Assert.Equal("login: not-authorized", await refused.LogInAsync("meet.jitsi", "SCRAM-SHA-1", name, Wrong));
            }
        }

        await cluster.AssertNowhereAsync(secrets);
    }

    [NeedsClusterFact]
    public async Task Killed_auth_drops_nobody_and_logins_go_on_through_the_other_node_or_fail_with_a_reason_and_work_again()
    {
        await AddAsync("caller");
        await using var party = new Party(Mesh, 37);
        var host = party.Add("killed", change: options => options with { Login = new ClientLogin("caller", Password) });
        await host.JoinAsync();
        await party.ExpectAsync("the host is in", () => host.Read(p => p.IsJoined));
        for (var i = 0; i < 2; i++)
        {
            var guest = party.Add("killed", change: options => options with { Domain = "guest.meet.jitsi", FocusAddress = "focus.meet.jitsi" });
            await guest.JoinAsync();
            await party.ExpectAsync("a guest is in", () => guest.Read(p => p.IsJoined));
        }

        await party.ExpectMediaAsync(party.Clients);
        var moment = new Moment(output);

        // One of two: every login goes through the other, also one whose challenge the dead one made.
        await using var under = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "killed");
        Assert.Null(await under.DescribeAsync("meet.jitsi"));
        Mesh.Cluster.Kill("auth-1");
        Assert.Null(await under.LogInAsync("meet.jitsi", "SCRAM-SHA-1", "caller", Password));
        for (var i = 0; i < 6; i++)
        {
            await using var client = await LoginClient.OpenAsync(Mesh.SignallingSocket(i % 2 == 0 ? "signalling-1" : "signalling-2"), "killed");
            Assert.Null(await client.LogInAsync("meet.jitsi", "SCRAM-SHA-256", "caller", Password));
        }

        moment.Told("auth-1 killed, seven logins went through auth-2");
        await party.ExpectMediaAsync(party.Clients);
        await cluster.IsWholeAsync();

        // Both: a login that has begun and one that begins are told what it is, and media goes on.
        await using var begun = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "killed");
        Assert.Null(await begun.DescribeAsync("meet.jitsi"));
        await using var begins = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-2"), "killed");
        Mesh.Cluster.Kill("auth-1");
        Mesh.Cluster.Kill("auth-2");
        var told = await Task.WhenAll(begun.LogInAsync("meet.jitsi", "PLAIN", "caller", Password), begins.LogInAsync("meet.jitsi", "PLAIN", "caller", Password));
        Assert.Equal("login: temporary-auth-failure, stream: remote-server-timeout", string.Join(", ", told));
        moment.Told("both killed, logins are refused with a reason");
        party[0].Do((p, _) => p.SendMessage("still here"));
        await party.ExpectAsync("chat works", () => party[1].History.OfType<ParticipantEvent.MessageReceived>().Any(m => m.Body == "still here"));
        await party.ExpectMediaAsync(party.Clients);

        await cluster.IsWholeAsync();
        moment.Told("both killed, both are back");
        await using var again = await LoginClient.OpenAsync(Mesh.SignallingSocket("signalling-1"), "killed");
        Assert.Null(await again.LogInAsync("meet.jitsi", "SCRAM-SHA-1", "caller", Password));
        var newcomer = party.Add("killed", change: options => options with { Domain = "guest.meet.jitsi", FocusAddress = "focus.meet.jitsi" });
        await newcomer.JoinAsync();
        await party.ExpectAsync("a newcomer is in", () => newcomer.Read(p => p.IsJoined));
        await party.ExpectMediaAsync(party.Clients);
        moment.Told("both killed, a newcomer sees and hears all");
        foreach (var client in party.Clients.Take(3))
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
            Assert.Equal(0, client.Read(p => p.Stream.Resumptions));
        }
    }

    private Task AddAsync(string name) => cluster.UsersAsync(Password, "add", name, "--password-stdin");

    private async Task<(int Challenged, int Admitted)[]> CountsAsync() =>
        await Task.WhenAll(Mesh.Nodes("auth").Select(async node => (await cluster.CountAsync(node, "challenged"), await cluster.CountAsync(node, "admitted"))));
}
