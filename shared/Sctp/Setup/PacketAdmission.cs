using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Setup;

/// <summary>Which packets are for this association; those that are not are counted, and some are answered.</summary>
internal sealed class PacketAdmission(AssociationState state)
{
    private const byte TagIsReflected = 1;

    /// <summary>Checks length, checksum and ports. The tag is checked later.</summary>
    internal bool TryReadHeader(ReadOnlySpan<byte> packet, out PacketHeader header)
    {
        header = default;
        if (packet.Length < PacketHeader.Length + 4) return Drop(SctpDrop.TooShort);
        if (packet.Length > SctpLimits.MaxPacketRead) return Drop(SctpDrop.TooLong);
        if (!PacketHeader.HasValidChecksum(packet)) return Drop(SctpDrop.BadChecksum);
        header = PacketHeader.Read(packet);
        return (header.DestinationPort == state.Options.LocalPort && header.SourcePort == state.Options.RemotePort) || Drop(SctpDrop.WrongPort);
    }

    /// <summary>RFC 9260 sections 8.4 (out of the blue) and 8.5 (verification tag), by the first chunk of a packet.</summary>
    internal bool IsForUs(uint tag, TypedValue chunk, bool isAlone)
    {
        switch (chunk.ChunkType)
        {
            case ChunkType.Init:
                // "The receiver of an INIT chunk MUST … discard the packet" unless the tag is 0; it never travels with others.
                return (tag == 0 && isAlone) || Drop(SctpDrop.WrongVerificationTag);
            case ChunkType.CookieEcho:
                return true;
            case ChunkType.Abort or ChunkType.ShutdownComplete:
                var expected = (chunk.Flags & TagIsReflected) != 0 ? state.PeerTag : state.LocalTag;
                return (state.State != SctpState.Closed && tag == expected && tag != 0) || Drop(SctpDrop.WrongVerificationTag);
            case ChunkType.ShutdownAck when state.State is SctpState.Closed or SctpState.CookieWait or SctpState.CookieEchoed:
                state.Packets.SendAlone(ChunkWriter.Chunk(ChunkType.ShutdownComplete, TagIsReflected, []), tag);
                return false;
            case ChunkType.InitAck or ChunkType.CookieAck or ChunkType.Error when state.State == SctpState.Closed:
                return Drop(SctpDrop.WrongVerificationTag);
            case var _ when state.State == SctpState.Closed:
                // Tells a peer of an unknown association that it ended.
                if (tag != 0) state.Packets.SendAlone(ChunkWriter.Chunk(ChunkType.Abort, TagIsReflected, []), tag);
                return Drop(SctpDrop.WrongVerificationTag);
            default:
                return tag == state.LocalTag || Drop(SctpDrop.WrongVerificationTag);
        }
    }

    private bool Drop(SctpDrop reason)
    {
        state.Counters.Count(reason);
        return false;
    }
}
