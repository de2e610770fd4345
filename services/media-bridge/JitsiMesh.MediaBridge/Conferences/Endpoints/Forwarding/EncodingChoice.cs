using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// Which simulcast encoding a projection forwards, and when it may change: only on a keyframe. Keyframes of all encodings come almost
/// together, so those within 300 ms form a group, and within it the choice may still climb.
/// </summary>
internal struct EncodingChoice
{
    /// <summary>Keyframes of one request arrive within this time of each other (the encodings are coded one after the other).</summary>
    public static readonly TimeSpan GroupWindow = TimeSpan.FromMilliseconds(300);

    private MonotonicTime _groupStart;
    private bool _hasGroup;

    public EncodingChoice()
    {
    }

    /// <summary>The encoding that is forwarded; -1 none.</summary>
    public int Current { get; private set; } = -1;

    /// <summary>The encoding wanted; -1 none.</summary>
    public int Target { get; set; } = -1;

    public void Suspend()
    {
        Current = -1;
        _hasGroup = false;
    }

    /// <summary>Weighs the first packet of a keyframe; true makes <paramref name="encoding"/> the current one.</summary>
    /// <param name="encoding">The keyframe's encoding.</param>
    /// <param name="currentIsSilent">Nothing came of the current encoding for a while: its sender stopped it.</param>
    /// <param name="now">Arrival.</param>
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
            // Where the current encoding is already right, a smaller one's keyframe that happens to come first must not pull the picture down.
            var keepCurrent = Current >= 0 && encoding < Current && Current <= Target && !currentIsSilent;
            accepted = encoding <= Target && !keepCurrent;
            _groupStart = now;
            _hasGroup = true;
        }

        if (accepted) Current = encoding;
        return accepted;
    }
}
