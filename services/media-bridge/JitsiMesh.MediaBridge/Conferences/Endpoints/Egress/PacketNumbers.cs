namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>What is rewritten of one packet for one receiver. A retransmission writes the same again.</summary>
internal struct PacketNumbers
{
    public ushort Sequence;
    public uint Timestamp;
    public bool Marker;

    /// <summary>VP8 and VP9: the picture id and TL0PICIDX to write over the present ones.</summary>
    public bool RewritesPicture;
    public ushort PictureId;
    public byte Tl0PictureIndex;

    /// <summary>Dependency descriptor: the frame number, the shift of template ids, and the decode targets to announce (0: as they came).</summary>
    public bool RewritesDescriptor;
    public ushort FrameNumber;
    public byte TemplateShift;
    public uint ActiveDecodeTargets;
}
