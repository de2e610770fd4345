using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Allocation;

/// <summary>The receiver's bandwidth: where the estimate comes from and when it is believed.</summary>
internal sealed partial class ReceiverAllocation
{
    private const long InitialBps = 2_500_000;

    public bool HasEstimate { get; private set; }

    public long EstimateBps { get; private set; } = InitialBps;

    public void OnTransportFeedback(in TransportFeedbackView feedback, MonotonicTime now)
    {
    }

    public void OnRoundTrip(TimeSpan roundTrip, MonotonicTime now)
    {
    }

    private void ProcessEstimate(MonotonicTime now)
    {
    }

    private long AvailableBps(MonotonicTime now) => long.MaxValue;

    private void Probe(MonotonicTime now)
    {
    }
}
