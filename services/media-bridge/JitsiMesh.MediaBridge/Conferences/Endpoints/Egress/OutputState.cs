using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// The position of one outgoing stream. It outlives projections: a change of encoding, of codec, or (with SSRC rewriting) of source continues from here, so that the receiver
/// sees one stream.
/// </summary>
internal sealed class OutputState
{
    public bool Started;
    public long LastSequence;
    public uint LastTimestamp;

    /// <summary>When the last packet was forwarded.</summary>
    public MonotonicTime LastTime;

    /// <summary>The last packet of the last forwarded frame was forwarded.</summary>
    public bool LastFrameEnded = true;
    public long LastPicture;
    public long LastTl0;
    public long LastFrameNumber;
    public int NextTemplateId;

    /// <summary>The output number of a stream's first packet after a change; one number is skipped when the previous frame was cut off.</summary>
    public long NextSequence(ushort firstIfNew) => !Started ? 0x10000 + firstIfNew : LastSequence + (LastFrameEnded ? 1 : 2);

    /// <summary>The timestamp of the first frame after a change: the elapsed time, at least one frame.</summary>
    public uint NextTimestamp(uint firstIfNew, MonotonicTime now, int clockRate, uint oneFrame)
    {
        if (!Started) return firstIfNew;
        var elapsed = (now - LastTime).TotalSeconds * clockRate;
        return LastTimestamp + (uint)Math.Max(oneFrame, (long)elapsed);
    }

    public void OnForwarded(long sequence, uint timestamp, bool frameEnd, MonotonicTime now)
    {
        if (!Started || sequence > LastSequence)
        {
            LastSequence = sequence;
            LastTimestamp = timestamp;
            LastFrameEnded = frameEnd;
        }

        Started = true;
        LastTime = now;
    }
}
