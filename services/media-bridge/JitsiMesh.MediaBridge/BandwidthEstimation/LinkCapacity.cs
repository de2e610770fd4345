using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>The link's capacity at recent overuses, with its deviation (libwebrtc: link_capacity_estimator.cc).</summary>
internal sealed class LinkCapacity
{
    private const double OveruseWeight = 0.05;
    private const double ProbeWeight = 0.5;
    private double _estimateKbps;
    private double _deviation = 0.4;

    public bool IsKnown => _estimateKbps > 0;

    public Bitrate Upper => IsKnown ? Bitrate.FromKbps(_estimateKbps + (3 * Spread)) : BandwidthLimits.Maximum;

    public Bitrate Lower => IsKnown ? Bitrate.FromKbps(Math.Max(0, _estimateKbps - (3 * Spread))) : Bitrate.Zero;

    private double Spread => Math.Sqrt(_deviation * _estimateKbps);

    public void Reset() => _estimateKbps = 0;

    public void OnOveruse(Bitrate acknowledged) => Update(acknowledged, OveruseWeight);

    public void OnProbe(Bitrate probed) => Update(probed, ProbeWeight);

    private void Update(Bitrate sample, double weight)
    {
        var kbps = sample.Kbps;
        _estimateKbps = IsKnown ? ((1 - weight) * _estimateKbps) + (weight * kbps) : kbps;
        var error = _estimateKbps - kbps;
        _deviation = Math.Clamp(((1 - weight) * _deviation) + (weight * error * error / Math.Max(_estimateKbps, 1)), 0.4, 2.5);
    }
}
