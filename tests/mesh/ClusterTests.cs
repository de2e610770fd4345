using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests;

/// <summary>The same calls on a cluster of processes, and what happens to calls when some of them die.</summary>
[Collection(ClusterGroup.Name)]
public sealed class ClusterTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private ClusterMesh Mesh => fixture.Mesh;

    [NeedsClusterFact]
    public Task Other_machines_reach_the_public_ports_alone() => DoorScenarios.OtherMachinesReachThePublicPortsAlone(Mesh.Cluster, output);

    [NeedsClusterFact]
    public Task Nothing_behind_the_inner_ports_answers_without_its_secret() => DoorScenarios.NothingAnswersWithoutItsSecret(Mesh.Cluster);

    [NeedsClusterFact]
    public void No_secret_stands_where_other_users_read_it() => DoorScenarios.NoSecretStandsWhereOtherUsersReadIt(Mesh.Cluster);

    [NeedsClusterFact]
    public Task Three_see_and_hear_each_other_with_nothing_lost() => CallScenarios.ThreeSeeAndHearEachOther(Mesh, "three");

    [NeedsClusterFact]
    public Task The_bridge_channel_may_be_a_websocket_alone() => CallScenarios.ThreeSeeAndHearEachOther(Mesh, "websocket", o => o with { DataChannel = false });

    [NeedsClusterFact]
    public Task Sources_are_told_by_jingle() => CallScenarios.SourcesAreToldByJingle(Mesh, "sources", json: true);

    [NeedsClusterFact]
    public Task Sessions_over_BOSH_stay_with_their_node_at_every_request() => BoshScenarios.SessionsStayWithTheirNode(Mesh);

    [NeedsClusterFact]
    public Task Somebody_leaves_and_comes_back() => CallScenarios.LeavingAndComingBack(Mesh, "back");

    [NeedsClusterFact]
    public Task A_moderator_kicks() => CallScenarios.AModeratorKicks(Mesh, "kick");

    [NeedsClusterFact]
    public Task A_moderator_mutes() => CallScenarios.AModeratorMutes(Mesh, "mute");

    [NeedsClusterFact]
    public Task A_moderator_makes_another() => CallScenarios.AModeratorMakesAnother(Mesh, "grant");

    [NeedsClusterFact]
    public Task A_cut_of_three_seconds_is_resumed_unseen() => CallScenarios.ACutIsResumed(Mesh, "cut");

    [NeedsClusterFact]
    public Task A_killed_bridges_people_meet_on_another() => FailureScenarios.ABridgeIsKilled(Mesh, "bridge", output);

    [NeedsClusterFact]
    public Task A_killed_focus_is_replaced_unseen() => FailureScenarios.AFocusIsKilled(Mesh, "focus", output);

    [NeedsClusterFact]
    public Task A_killed_broker_comes_back_to_running_calls() => FailureScenarios.WhatConnectsTheServicesIsKilled(Mesh, "broker", "rabbitmq", output);

    [NeedsClusterFact]
    public Task A_killed_store_comes_back_to_running_calls() => FailureScenarios.WhatConnectsTheServicesIsKilled(Mesh, "store", "redis", output);

    [NeedsClusterFact]
    public Task A_killed_signalling_node_leaves_the_others_talking() => FailureScenarios.ASignallingNodeIsKilled(Mesh, "signalling", owner: false, output);

    [NeedsClusterFact]
    public Task A_killed_owner_of_a_room_leaves_the_others_talking() => FailureScenarios.ASignallingNodeIsKilled(Mesh, "owner", owner: true, output);

    [NeedsClusterFact]
    public Task Restarts_of_what_holds_no_client_are_unseen() => RestartScenarios.WhatHoldsNoClientBeginsAnew(Mesh, "restarts", output);

    [NeedsClusterFact]
    public Task A_bridge_that_is_told_to_end_hands_its_people_to_another() => RestartScenarios.ABridgeBeginsAnew(Mesh, "handover", output);

    [NeedsClusterFact]
    public Task A_signalling_node_that_is_told_to_end_leaves_no_ghosts() => RestartScenarios.ASignallingNodeBeginsAnew(Mesh, "ghosts", output);

    [NeedsClusterFact]
    public Task A_restart_of_what_does_not_run_is_refused() => RestartScenarios.AnUnknownNameIsRefused(Mesh);
}
