using JitsiMesh.Hosting.Settings;
using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;
using JitsiMesh.Signalling;

namespace JitsiMesh.Mesh.Tests;

/// <summary>Bad clients, on one process whose loopback is no trusted proxy, so that limits by address count there.</summary>
public sealed class BadClientTests(BadClientTests.Fixture fixture) : IClassFixture<BadClientTests.Fixture>
{
    private InProcessMesh Mesh => fixture.Mesh;

    [Fact]
    public Task Frames_that_break_the_rules_end_their_sender_alone() => BadClientScenarios.MalformedFramesEndTheirSenderAlone(Mesh, "malformed");

    [Fact]
    public Task A_thousand_idle_sockets_of_one_address_leave_room_for_the_world() =>
        BadClientScenarios.IdleSocketsAreLimitedByAddress(Mesh, "idle", SignallingLimits.UnauthenticatedSocketsOfAddress);

    [Fact]
    public Task A_thousand_silent_connections_of_one_address_leave_room_for_the_world() =>
        BadClientScenarios.SilentConnectionsAreLimitedByAddress(Mesh, "silent", KnownSettings.MaxConnectionsPerAddress.Default);

    [Fact]
    public Task A_client_that_wants_a_thousand_rooms_gets_a_few() => BadClientScenarios.RoomsOfOneClientAreLimited(Mesh, "greedy", SignallingLimits.RoomsOfSession);

    [Fact]
    public Task A_client_that_never_reads_is_cut_off_and_forgotten() => BadClientScenarios.WhoDoesNotReadIsCutOff(Mesh, "deaf", seconds: 8);

    public sealed class Fixture : IAsyncLifetime
    {
        public InProcessMesh Mesh { get; private set; } = null!;

        public async Task InitializeAsync() => Mesh = await InProcessMesh.StartAsync(new Dictionary<string, string?> { ["MESH_TRUSTED_PROXIES"] = "192.0.2.0/24" });

        public async Task DisposeAsync() => await Mesh.DisposeAsync();
    }
}
