using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>Tokens are looked at alike by both auth nodes, both signalling nodes and both focus nodes.</summary>
public sealed class TokensClusterTests(TokensCluster cluster) : IClassFixture<TokensCluster>
{
    [NeedsClusterFact]
    public async Task Both_auth_nodes_admit_and_refuse_the_same_tokens_with_the_same_texts()
    {
        // Two calls for each login, and a third for nobody's: so that the turns change.
        (string? Token, string? Told)[] logins =
        [
            (AuthenticationMode.Token(), null),
            (AuthenticationMode.Token(lifetime: TimeSpan.FromMinutes(-5)), "login: not-allowed \"Not acceptable by exp (N sec since expired)\""),
            (AuthenticationMode.Token(secret: new string('x', 40)), "login: not-allowed \"Invalid signature\""),
            (null, "login: not-allowed \"token required\""),
        ];
        foreach (var (token, told) in logins)
        {
            for (var i = 0; i < 4; i++)
            {
                await using var client = await LoginClient.OpenAsync(cluster.Mesh.SignallingSocket("signalling-1"), "tokens", token);
                if (i % 2 == 1)
                {
                    // One question only.
                    Assert.Null(await client.DescribeAsync("meet.jitsi"));
                    continue;
                }

                Assert.Equal(told, await client.LogInAsync("meet.jitsi"));
            }
        }

        foreach (var node in cluster.Mesh.Nodes("auth"))
        {
            foreach (var outcome in (string[])["admitted", "token_expired", "token_signature", "token_required"]) Assert.True(await cluster.CountAsync(node, outcome) > 0, $"{node} has nothing {outcome}");
        }
    }

    [NeedsClusterFact]
    public async Task A_token_is_held_to_its_room_at_both_signalling_nodes_whichever_owns_the_room()
    {
        HashSet<string> owners = [];
        for (var i = 0; owners.Count < 2; i++)
        {
            Assert.True(i < 50, "every room is at one node");
            var room = $"held{i}";
            await using var inside = await InAsync("signalling-1", room, AuthenticationMode.Token(room: room));
            owners.Add(await cluster.Mesh.SignallingOfAsync(room));
            foreach (var node in cluster.Mesh.Nodes("signalling"))
            {
                await using var stranger = await LoginClient.OpenAsync(cluster.Mesh.SignallingSocket(node), room, AuthenticationMode.Token(room: "another"));
                Assert.Null(await stranger.LogInAsync("meet.jitsi"));
                Assert.Equal("join: not-allowed \"Room and token mismatched\"", await stranger.JoinAsync(room));
                await using var friend = await InAsync(node, room, AuthenticationMode.Token(room: room));
            }
        }
    }

    [NeedsClusterFact]
    public async Task Nothing_of_tokens_and_their_secret_is_in_logs_inner_pages_or_arguments_of_any_process()
    {
        string[] tokens = [AuthenticationMode.Token(), AuthenticationMode.Token(room: "another"), AuthenticationMode.Token(lifetime: TimeSpan.FromMinutes(-5))];
        foreach (var token in tokens)
        {
            await using var client = await LoginClient.OpenAsync(cluster.Mesh.SignallingSocket("signalling-2"), "secretive", token);
            if (await client.LogInAsync("meet.jitsi") is null && await client.RequestAsync("secretive") is null) await client.JoinAsync("secretive");
        }

        await cluster.AssertNowhereAsync([AuthenticationMode.Secret, .. tokens, .. tokens.SelectMany(token => token.Split('.').Skip(1))]);
    }

    [NeedsClusterFact]
    public async Task What_a_token_says_of_moderating_counts_at_both_signalling_nodes()
    {
        await ModeratesAsync("signalling-1", "signalling-2", "roles-1");
        await ModeratesAsync("signalling-2", "signalling-1", "roles-2");

        async Task ModeratesAsync(string first, string second, string room)
        {
            await using var participant = await InAsync(first, room, AuthenticationMode.Token(moderator: false));
            await using var moderator = await InAsync(second, room, AuthenticationMode.Token(moderator: true));
            Assert.Equal("participant", await participant.SettledRoleAsync());
            Assert.Equal("moderator", await moderator.SettledRoleAsync());
        }
    }

    private async Task<LoginClient> InAsync(string node, string room, string token)
    {
        var client = await LoginClient.OpenAsync(cluster.Mesh.SignallingSocket(node), room, token);
        Assert.Null(await client.LogInAsync("meet.jitsi"));
        Assert.Null(await client.RequestAsync(room));
        Assert.Null(await client.JoinAsync(room));
        return client;
    }
}
