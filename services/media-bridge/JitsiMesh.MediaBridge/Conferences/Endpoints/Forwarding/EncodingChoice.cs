using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// The simulcast encoding that a projection forwards, and when it may change: only on a keyframe. Keyframes of all encodings arrive almost together, so those within 300 ms
/// form a group, and within a group the choice may still move up.
/// </summary>
internal struct EncodingChoice
{
    /// <summary>Keyframes of one request arrive within this time of each other, because the encodings are encoded one after the other.</summary>
    public static readonly TimeSpan GroupWindow = TimeSpan.FromMilliseconds(300);

    private MonotonicTime _groupStart;
    private bool _hasGroup;

    public EncodingChoice()
    {
    }

    /// <summary>The forwarded encoding; -1: none.</summary>
    public int Current { get; private set; } = -1;

    /// <summary>The wanted encoding; -1: none.</summary>
    public int Target { get; set; } = -1;

    public void Suspend()
    {
        Current = -1;
        _hasGroup = false;
    }

    /// <summary>Considers the first packet of a keyframe; true when <paramref name="encoding"/> becomes the current one.</summary>
    /// <param name="encoding">The keyframe's encoding.</param>
    /// <param name="currentIsSilent">The current encoding has sent nothing for a while: its sender stopped it.</param>
    /// <param name="now">The arrival time.</param>
    public bool OnKeyframe(int encoding, bool currentIsSilent, MonotonicTime now)
    {
        if (Target < 0) return false;
        bool accepted;
        if (_hasGroup && now - _groupStart < GroupWindow)
        {
            accepted = encoding <= Target && (encoding >= Current || Current > Target);
        }
        else
        {
            // If the current encoding is already the wanted one, an earlier keyframe of a smaller one must not lower the quality.
            var keepCurrent = Current >= 0 && encoding < Current && Current <= Target && !currentIsSilent;
            accepted = encoding <= Target && !keepCurrent;
            _groupStart = now;
            _hasGroup = true;
        }

        if (accepted) Current = encoding;
        return accepted;
    }
}
