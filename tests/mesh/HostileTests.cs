using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests;

/// <summary>Mutated input to every door, on one process that serves a call meanwhile. <c>MESH_TEST_MODE=full</c> fires 100,000 of each kind.</summary>
public sealed class HostileTests(HostileTests.Fixture fixture, ITestOutputHelper output) : IClassFixture<HostileTests.Fixture>
{
    private readonly TestReport _report = new(output);

    private InProcessMesh Mesh => fixture.Mesh;

    [Fact]
    public Task Mutated_stun() => HostileScenarios.Stun(Mesh, _report);

    [Fact]
    public Task Mutated_dtls() => HostileScenarios.Dtls(Mesh, _report);

    [Fact]
    public Task Mutated_srtp() => HostileScenarios.Srtp(Mesh, _report);

    [Fact]
    public Task Mutated_rtcp() => HostileScenarios.Rtcp(Mesh, _report);

    [Fact]
    public Task Mutated_sctp() => HostileScenarios.Sctp(Mesh, _report);

    [Fact]
    public Task Mutated_channel_messages() => HostileScenarios.Channel(Mesh, _report);

    [Fact]
    public Task Mutated_xmpp() => HostileXmppScenarios.Frames(Mesh, _report);

    [Fact]
    public Task Mutated_jingle() => HostileXmppScenarios.Jingle(Mesh, _report);

    public sealed class Fixture : IAsyncLifetime
    {
        public InProcessMesh Mesh { get; private set; } = null!;

        public async Task InitializeAsync() => Mesh = await InProcessMesh.StartAsync();

        public async Task DisposeAsync() => await Mesh.DisposeAsync();
    }
}
