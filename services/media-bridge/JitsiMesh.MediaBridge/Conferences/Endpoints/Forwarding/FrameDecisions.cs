namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>A projection's decision about one frame of the forwarded encoding.</summary>
internal struct FrameDecision
{
    public long Number;
    public bool Known;
    public bool Accepted;
    public bool Keyframe;
    public byte TemporalId;

    /// <summary>The picture id of the frame; for a refused frame, the last id given before it.</summary>
    public long OutputPicture;
}

/// <summary>A ring of the last decisions by frame number.</summary>
internal sealed class FrameDecisions
{
    /// <summary>Four seconds at 30 frames a second; a packet of an older frame is dropped.</summary>
    public const int Capacity = 128;

    private readonly FrameDecision[] _ring = new FrameDecision[Capacity];

    public long Newest { get; private set; } = -1;

    public void Clear()
    {
        Array.Clear(_ring);
        Newest = -1;
    }

    public bool TryGet(long number, out FrameDecision decision)
    {
        decision = _ring[(int)(number & (Capacity - 1))];
        return decision.Known && decision.Number == number;
    }

    public void Put(in FrameDecision decision)
    {
        _ring[(int)(decision.Number & (Capacity - 1))] = decision;
        if (decision.Number > Newest) Newest = decision.Number;
    }

    /// <summary>
    /// Whether the frame's references were forwarded: walks back over consecutive frames to the first keyframe or frame of the same or a lower temporal layer, which must have
    /// been accepted. An unknown frame in between counts as forwarded.
    /// </summary>
    public bool IsDecodable(long number, int temporalId)
    {
        for (var n = number - 1; n > number - Capacity; n--)
        {
            if (!TryGet(n, out var earlier)) return true;
            if (earlier.Keyframe || earlier.TemporalId <= temporalId) return earlier.Accepted;
        }

        return true;
    }

    /// <summary>The nearest known frame below <paramref name="number"/>.</summary>
    public bool TryGetOlder(long number, out FrameDecision decision)
    {
        for (var n = number - 1; n > number - Capacity; n--)
        {
            if (TryGet(n, out decision)) return true;
        }

        decision = default;
        return false;
    }

    /// <summary>The nearest accepted frame above <paramref name="number"/>.</summary>
    public bool TryGetNewerAccepted(long number, out FrameDecision decision)
    {
        for (var n = number + 1; n <= Newest; n++)
        {
            if (TryGet(n, out decision) && decision.Accepted) return true;
        }

        decision = default;
        return false;
    }
}
