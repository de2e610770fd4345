using JitsiMesh.Hosting.Bus;

namespace JitsiMesh.Recorder;

/// <summary>Nothing is recorded yet, and focus is told so: it refuses a request to record at once instead of trying.</summary>
internal sealed class RecorderCapacity : IWorkerCapacity
{
    public string Kind => "recorder";

    public int Capacity => 0;

    public int Busy => 0;
}
