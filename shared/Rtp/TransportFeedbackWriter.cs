using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>Builds transport-wide feedback packets.</summary>
public static class TransportFeedbackWriter
{
    /// <summary>The arrival of a packet that was not received.</summary>
    public const long NotReceived = -1;

    private const int HeaderLength = 20;

    // A feedback packet never covers more than this; the caller continues with a further packet.
    private const int MaxStatuses = 4096;

    /// <summary>
    /// Writes one feedback packet over <paramref name="arrivals"/>: index 0 is <paramref name="baseSequence"/>, each value the arrival in 250 µs
    /// ticks (not negative), or <see cref="NotReceived"/>. It covers as many as the destination holds and 16-bit deltas can express; the caller continues
    /// from there with a new packet.
    /// </summary>
    /// <returns>The number of arrivals that the packet covers; 0 when not even one fits or none of them was received.</returns>
    public static int Write(
        Span<byte> destination, uint senderSsrc, uint mediaSsrc, byte feedbackCount, ushort baseSequence, ReadOnlySpan<long> arrivals, out int written)
    {
        written = 0;
        var first = 0;
        while (first < arrivals.Length && arrivals[first] < 0) first++;
        if (first == arrivals.Length) return 0;

        // 1. Symbols, as far as deltas and space allow. Chunks are counted at their worst case: one for every seven symbols.
        var limit = Math.Min(arrivals.Length, MaxStatuses);
        Span<byte> symbols = stackalloc byte[MaxStatuses];
        var reference = arrivals[first] >> 8;
        var time = reference << 8;
        var count = 0;
        var deltaBytes = 0;
        var covered = 0;
        for (; count < limit; count++)
        {
            var symbol = TransportFeedbackChunk.NotReceived;
            if (arrivals[count] >= 0)
            {
                var delta = arrivals[count] - time;
                if (delta is < short.MinValue or > short.MaxValue) break;
                symbol = delta is >= 0 and <= 255 ? TransportFeedbackChunk.SmallDelta : TransportFeedbackChunk.LargeDelta;
                time = arrivals[count];
            }

            var more = TransportFeedbackChunk.DeltaLength(symbol);
            if (((HeaderLength + (2 * ((count / 7) + 1)) + deltaBytes + more + 3) & ~3) > destination.Length) break;
            symbols[count] = (byte)symbol;
            deltaBytes += more;
            if (symbol != TransportFeedbackChunk.NotReceived) covered = count + 1;
        }

        // Missing packets at the very end belong to the next feedback unless the caller's window ends with them.
        if (count < arrivals.Length) count = covered;
        if (count == 0) return 0;
        symbols = symbols[..count];

        // 2. Chunks.
        var position = HeaderLength;
        for (var i = 0; i < count;)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[position..], NextChunk(symbols[i..], out var taken));
            position += 2;
            i += taken;
        }

        // 3. Deltas.
        time = reference << 8;
        for (var i = 0; i < count; i++)
        {
            if (symbols[i] == TransportFeedbackChunk.NotReceived) continue;
            var delta = arrivals[i] - time;
            time = arrivals[i];
            if (symbols[i] == TransportFeedbackChunk.SmallDelta)
            {
                destination[position++] = (byte)delta;
            }
            else
            {
                BinaryPrimitives.WriteInt16BigEndian(destination[position..], (short)delta);
                position += 2;
            }
        }

        // 4. Padding to whole words, indicated by the padding bit as in libwebrtc.
        var padding = -position & 3;
        if (padding > 0)
        {
            destination.Slice(position, padding).Clear();
            position += padding;
            destination[position - 1] = (byte)padding;
        }

        destination[0] = (byte)((padding > 0 ? 0xA0 : 0x80) | RtcpFormats.TransportFeedback);
        destination[1] = (byte)RtcpPacketType.TransportFeedback;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((position / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], mediaSsrc);
        BinaryPrimitives.WriteUInt16BigEndian(destination[12..], baseSequence);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], (ushort)count);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], ((uint)reference << 8) | feedbackCount);
        written = position;
        return count;
    }

    private static ushort NextChunk(ReadOnlySpan<byte> symbols, out int taken)
    {
        var run = 1;
        while (run < symbols.Length && run < 0x1FFF && symbols[run] == symbols[0]) run++;

        // A run is worth it when it covers at least as much as a vector, or all that is left.
        var oneBit = 0;
        while (oneBit < symbols.Length && oneBit < 14 && symbols[oneBit] != TransportFeedbackChunk.LargeDelta) oneBit++;
        var useOneBit = oneBit == 14 || oneBit == symbols.Length;
        var vector = useOneBit ? oneBit : Math.Min(7, symbols.Length);
        if (run >= vector)
        {
            taken = run;
            return (ushort)((symbols[0] << 13) | run);
        }

        taken = vector;
        var value = 0;
        if (useOneBit)
        {
            for (var i = 0; i < vector; i++) value |= symbols[i] << (13 - i);
            return (ushort)(0x8000 | value);
        }

        for (var i = 0; i < vector; i++) value |= symbols[i] << (12 - (2 * i));
        return (ushort)(0xC000 | value);
    }
}
