using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Simulation.Tests.Scheduling;

namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>A bridge of the mesh: it reports itself, and is slow at times.</summary>
public sealed class SimulatedBridge(string id)
{
    private readonly FakeBridge _bridge = new(id) { KeepsEmptyConferences = true };
    private long _number;

    public string Id => _bridge.Id;

    /// <summary>Conferences by meeting.</summary>
    public IReadOnlyDictionary<string, FakeBridgeConference> Conferences => _bridge.Conferences;

    public static TimeSpan AnswerTime(SimulatedScheduler scheduler) => scheduler.Chance(0.05) ? scheduler.Milliseconds(50, 400) : scheduler.Milliseconds(0.5, 10);

    public BridgeStatusReported Report(TimeProvider time) => new()
    {
        BridgeId = Id,
        Number = ++_number,
        StartedAt = time.GetUtcNow() - time.GetElapsedTime(0),
        ControlAddress = "inproc:" + Id,
        Endpoints = Conferences.Values.Sum(conference => conference.Endpoints.Count),
    };

    public BridgeReply Modify(ModifyConferenceRequest request) => _bridge.Handle(request);
}
