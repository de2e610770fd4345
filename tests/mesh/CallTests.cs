using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests;

/// <summary>The calls, on one process.</summary>
[Collection(MeshGroup.Name)]
public sealed class CallTests(MeshFixture fixture)
{
    private InProcessMesh Mesh => fixture.Mesh;

    [Fact]
    public Task Three_see_and_hear_each_other_with_nothing_lost() => CallScenarios.ThreeSeeAndHearEachOther(Mesh, "three");

    [Fact]
    public Task The_bridge_channel_may_be_a_websocket_alone() => CallScenarios.ThreeSeeAndHearEachOther(Mesh, "websocket", o => o with { DataChannel = false });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Sources_are_told_by_jingle_in_either_encoding(bool json) => CallScenarios.SourcesAreToldByJingle(Mesh, json ? "sources-json" : "sources-xml", json);

    [Fact]
    public Task Somebody_leaves_and_comes_back() => CallScenarios.LeavingAndComingBack(Mesh, "back");

    [Fact]
    public Task A_moderator_kicks() => CallScenarios.AModeratorKicks(Mesh, "kick");

    [Fact]
    public Task A_moderator_mutes() => CallScenarios.AModeratorMutes(Mesh, "mute");

    [Fact]
    public Task A_moderator_makes_another() => CallScenarios.AModeratorMakesAnother(Mesh, "grant");

    [Fact]
    public Task A_cut_of_three_seconds_is_resumed_unseen() => CallScenarios.ACutIsResumed(Mesh, "cut");

    [Fact]
    public Task Both_protection_profiles_meet() => CallScenarios.BothProtectionProfilesMeet(Mesh, "profiles");

    [Fact]
    public Task The_receiver_chooses_the_layer() => CallScenarios.TheReceiverChoosesTheLayer(Mesh, "layers");
}
