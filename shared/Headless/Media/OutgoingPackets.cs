using JitsiMesh.Rtp;

namespace JitsiMesh.Headless.Media;

/// <summary>Numbers outgoing packets for transport-wide feedback and stores sent video for retransmission.</summary>
internal sealed class OutgoingPackets(HeadlessEndpointOptions options)
{
    private const int CacheSize = 512;
    private readonly Dictionary<uint, (byte[]?[] Cache, SsrcPair Pair)> _caches = [];
    private readonly Dictionary<uint, ushort> _rtxSequences = [];
    private ushort _transportSequence = 1;

    /// <summary>Makes a packet with audio level (if any) and transport-wide number.</summary>
    public byte[] Build(byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc, AudioLevel? level, ReadOnlySpan<byte> payload)
    {
        var buffer = new byte[64 + payload.Length];
        var builder = RtpHeaderBuilder.New(buffer, payloadType, marker, sequenceNumber, timestamp, ssrc);
        if (level is { } value && options.AudioLevelExtension > 0) builder.TryAdd(options.AudioLevelExtension, [value.ToByte()]);
        if (options.TransportCcExtension > 0) builder.TryAdd(options.TransportCcExtension, [(byte)(_transportSequence >> 8), (byte)_transportSequence++]);
        var header = builder.Finish();
        payload.CopyTo(buffer.AsSpan(header));
        return buffer[..(header + payload.Length)];
    }

    public void Keep(SsrcPair pair, ushort sequenceNumber, byte[] packet)
    {
        if (!_caches.TryGetValue(pair.Primary, out var entry)) _caches.Add(pair.Primary, entry = (new byte[CacheSize][], pair));
        entry.Cache[sequenceNumber % CacheSize] = packet;
    }

    /// <summary>The retransmission of a stored packet, or null when it is no longer stored.</summary>
    public byte[]? Retransmit(uint ssrc, ushort sequenceNumber)
    {
        if (!_caches.TryGetValue(ssrc, out var entry) || entry.Cache[sequenceNumber % CacheSize] is not { } original) return null;
        if (!RtpPacketView.TryParse(original, out var view) || view.SequenceNumber != sequenceNumber) return null;
        var number = _rtxSequences.GetValueOrDefault(entry.Pair.Rtx);
        _rtxSequences[entry.Pair.Rtx] = (ushort)(number + 1);
        var packet = new byte[original.Length + RtxPacket.OsnLength];
        RtxPacket.Encapsulate(original, packet, options.RtxPayloadType, entry.Pair.Rtx, number, out _);
        if (RtpHeaderWriter.TryGetExtension(packet, options.TransportCcExtension, out var value))
        {
            value[0] = (byte)(_transportSequence >> 8);
            value[1] = (byte)_transportSequence++;
        }

        return packet;
    }
}
