namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>One frame of an encoding, from the packets received so far. Objects are reused in a ring: keep the number, not the object.</summary>
internal sealed class VideoFrame
{
    /// <summary>Consecutive over the frames of one encoding: the unrolled picture id or frame number, or a count of timestamps.</summary>
    public long Number = -1;
    public uint Timestamp;
    public bool Keyframe;
    public byte TemporalId;
    public byte SpatialId;
    public byte Tl0PictureIndex;
    public bool StartSeen;
    public bool EndSeen;

    public void Reset(long number, uint timestamp)
    {
        Number = number;
        Timestamp = timestamp;
        Keyframe = false;
        TemporalId = SpatialId = Tl0PictureIndex = 0;
        StartSeen = EndSeen = false;
    }
}
