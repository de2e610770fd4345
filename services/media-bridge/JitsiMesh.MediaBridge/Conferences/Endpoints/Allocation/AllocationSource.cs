using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>One source in one run of the allocation: its properties, and the decision.</summary>
public sealed class AllocationSource(string name, VideoType videoType, IReadOnlyList<LayerSnapshot> layers)
{
    private List<LayerSnapshot> _candidates = [];
    private int _preferred = -1;
    private int _oversend = -1;
    private int _chosen = -1;

    public string Name { get; } = name;

    public VideoType VideoType { get; } = videoType;

    public bool Enabled => VideoType.IsEnabled();

    /// <summary>The layers in rising order of index.</summary>
    public IReadOnlyList<LayerSnapshot> Layers { get; } = layers;

    /// <summary>The receiver's constraint after lastN.</summary>
    public VideoConstraints Constraint { get; set; }

    public bool OnStage { get; set; }

    public LayerSnapshot? Target => _chosen >= 0 ? _candidates[_chosen] : null;

    /// <summary>The layer that unlimited bandwidth would allow.</summary>
    public LayerSnapshot? Ideal => _candidates.Count > 0 ? _candidates[^1] : null;

    public bool HasReachedPreferred => _chosen >= _preferred;

    private long ChosenBitrate => _chosen >= 0 ? _candidates[_chosen].BitsPerSecond : 0;

    /// <summary>Determines the candidate layers, where to stop climbing on stage, and how far a screen may exceed the bandwidth.</summary>
    public void SelectCandidates()
    {
        _candidates = [];
        _preferred = _oversend = _chosen = -1;
        if (!Enabled || Constraint.IsOff || Layers.Count == 0) return;
        if (VideoType.IsDesktop()) SelectForDesktop();
        else SelectForCamera();
    }

    /// <summary>Climbs as far as one round allows and returns the used part of <paramref name="remaining"/>.</summary>
    public long Improve(long remaining, bool mayOversend)
    {
        if (_candidates.Count == 0) return 0;
        var before = ChosenBitrate;
        var budget = remaining + before;

        if (OnStage && _chosen < 0 && _preferred >= 0)
        {
            for (var i = 0; i <= _preferred && _candidates[i].BitsPerSecond <= budget; i++) _chosen = i;
        }
        else if (_chosen + 1 < _candidates.Count && _candidates[_chosen + 1].BitsPerSecond < budget)
        {
            _chosen++;
        }

        // A higher layer at no higher rate is a free upgrade (a static screen, or an encoding that started late).
        if (_chosen >= 0)
        {
            for (var i = _candidates.Count - 1; i > _chosen; i--)
            {
                if (_candidates[i].BitsPerSecond > _candidates[_chosen].BitsPerSecond) continue;
                _chosen = i;
                break;
            }
        }

        if (mayOversend && _chosen < _oversend)
        {
            for (var i = _chosen + 1; i <= _oversend; i++)
            {
                if (_candidates[i].BitsPerSecond > budget + AllocationLimits.MaxOversendBps) continue;
                _chosen = i;
                break;
            }
        }

        return ChosenBitrate - before;
    }

    private void SelectForCamera()
    {
        var lowest = LowestHeight(out var anyActive);

        // Tiles of 180 or less have no preference: every layer within the constraint, frame rate included.
        var large = Constraint.MaxHeight is < 0 or > 180;
        var preferredHeight = large ? AllocationLimits.PreferredHeight : -1;
        var bestFrameRate = -1.0;
        foreach (var layer in Layers) bestFrameRate = Math.Max(bestFrameRate, layer.FrameRate);
        var preferredFrameRate = large ? Math.Min(AllocationLimits.PreferredFrameRate, bestFrameRate) : -1;
        foreach (var layer in Layers)
        {
            var enoughFrames = layer.FrameRate < 0 || layer.FrameRate >= preferredFrameRate;
            var wanted = layer.Height < preferredHeight && Constraint.AllowsHeight(layer.Height);
            wanted |= Constraint.AllowsHeight(layer.Height) && enoughFrames;
            wanted |= layer.Height == lowest;

            // Without any active layer the source was just signalled: choosing all layers forwards the first packets sooner.
            if (wanted && AllowsFrameRate(layer) && (!anyActive || layer.BitsPerSecond > 0)) _candidates.Add(layer);
        }

        var effective = Math.Max(preferredHeight, lowest);
        for (var i = 0; i < _candidates.Count; i++)
        {
            if (_candidates[i].Height <= effective) _preferred = i;
        }
    }

    private void SelectForDesktop()
    {
        foreach (var layer in Layers)
        {
            if (layer.BitsPerSecond > 0 && Constraint.AllowsHeight(layer.Height)) _candidates.Add(layer);
        }

        if (_candidates.Count == 0)
        {
            var lowest = LowestHeight(out var anyActive);
            foreach (var layer in Layers)
            {
                if (layer.Height != lowest || (anyActive && layer.BitsPerSecond <= 0)) continue;
                _candidates.Add(layer);
                if (!OnStage && layer.FrameRate < 0) break;
            }
        }

        _preferred = _candidates.Count - 1;
        if (!OnStage) return;
        var greatest = -1;
        foreach (var layer in _candidates) greatest = Math.Max(greatest, layer.Height);
        for (var i = 0; i < _candidates.Count; i++)
        {
            if (_candidates[i].Height != greatest) continue;
            if (_oversend < 0 || _candidates[i].BitsPerSecond < _candidates[_oversend].BitsPerSecond) _oversend = i;
        }
    }

    /// <summary>
    /// The candidates are the layers that are sent now, or all if none is sent. A receiver that wants less than the smallest layer gets the smallest: screens are sent in one
    /// size only.
    /// </summary>
    private int LowestHeight(out bool anyActive)
    {
        int lowest = int.MaxValue, lowestActive = int.MaxValue;
        foreach (var layer in Layers)
        {
            lowest = Math.Min(lowest, layer.Height);
            if (layer.BitsPerSecond > 0) lowestActive = Math.Min(lowestActive, layer.Height);
        }

        anyActive = lowestActive != int.MaxValue;
        return anyActive ? lowestActive : lowest;
    }

    /// <summary>maxFrameRate removes the temporal layers above it; the lowest temporal layer of a resolution always stays.</summary>
    private bool AllowsFrameRate(LayerSnapshot layer)
    {
        if (Constraint.MaxFrameRate <= 0 || layer.FrameRate < 0) return true;
        return layer.FrameRate <= Constraint.MaxFrameRate + 0.5 || LayerIndex.Temporal(layer.Index) == 0;
    }
}
