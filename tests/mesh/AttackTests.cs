using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests;

/// <summary>One participant that means harm, on one process that serves a call in the same room and one in another. Nobody else notices.</summary>
public sealed class AttackTests(AttackTests.Fixture fixture) : IClassFixture<AttackTests.Fixture>
{
    private InProcessMesh Mesh => fixture.Mesh;

    [Fact]
    public Task No_stanza_grows_on_its_way_to_a_receiver() => AttackScenarios.Expand(Mesh);

    [Fact]
    public Task Nothing_that_a_client_relays_reads_as_said_by_the_server() => AttackScenarios.Smuggle(Mesh);

    [Fact]
    public Task Unreadable_json_leaves_the_room_as_it_was() => AttackScenarios.SayOddJson(Mesh);

    [Fact]
    public Task A_room_that_was_filled_can_be_joined() => AttackScenarios.Fill(Mesh);

    [Fact]
    public Task A_flood_of_octets_reaches_nobody_faster_than_the_rate() => AttackScenarios.FloodRoom(Mesh);

    [Fact]
    public Task Every_request_gets_one_answer() => AttackScenarios.AskAll(Mesh);

    [Fact]
    public Task A_password_cannot_be_guessed_by_trying() => AttackScenarios.GuessPasswords(Mesh);

    public sealed class Fixture : IAsyncLifetime
    {
        public InProcessMesh Mesh { get; private set; } = null!;

        public async Task InitializeAsync() => Mesh = await InProcessMesh.StartAsync(new Dictionary<string, string?> { ["MESH_TRUSTED_PROXIES"] = "192.0.2.0/24" });

        public async Task DisposeAsync() => await Mesh.DisposeAsync();
    }
}
