namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>The rewritten numbers of one packet for one receiver. A retransmission has the same numbers.</summary>
internal struct PacketNumbers
{
    public ushort Sequence;
    public uint Timestamp;
    public bool Marker;

    /// <summary>VP8 and VP9: the new picture id and TL0PICIDX.</summary>
    public bool RewritesPicture;
    public ushort PictureId;
    public byte Tl0PictureIndex;

    /// <summary>Dependency descriptor: the frame number, the shift of template ids, and the announced decode targets (0: unchanged).</summary>
    public bool RewritesDescriptor;
    public ushort FrameNumber;
    public byte TemplateShift;
    public uint ActiveDecodeTargets;
}
