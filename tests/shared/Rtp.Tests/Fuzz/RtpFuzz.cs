namespace JitsiMesh.Rtp.Tests.Fuzz;

/// <summary>Any bytes as an RTP packet, with every reader of payloads and extensions run over it.</summary>
public static class RtpFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        if (RtpPacketView.TryParse(data, out var packet))
        {
            if (packet.Payload.Length + packet.HeaderLength + packet.PaddingLength != data.Length) throw new InvalidOperationException("lengths do not add up");
            var buffer = new byte[2048];
            var builder = RtpHeaderBuilder.From(packet, buffer);
            foreach (var extension in packet.Extensions)
            {
                builder.TryAdd(extension.Id, extension.Value);
                _ = AudioLevel.TryParse(extension.Value, out _);
                _ = AbsSendTime.TryParse(extension.Value, out _);
            }

            var header = builder.Finish();
            if (RtpPacketView.ParseHeader(buffer.AsSpan(0, header), out _) != RtpParseError.None) throw new InvalidOperationException("a built header does not parse");
            Payload(packet.Payload);
            var copy = data.ToArray();
            RtxPacket.Decapsulate(copy, copy.Length, 96, 1, out _);
            RtxPacket.Encapsulate(data, new byte[data.Length + 2], 97, 2, 3, out _);
        }

        Payload(data);
    }

    private static void Payload(ReadOnlySpan<byte> payload)
    {
        var copy = payload.ToArray();
        if (Vp8Descriptor.TryParse(payload, out var vp8))
        {
            vp8.TryReadKeyframeSize(payload, out _, out _);
            vp8.RewritePictureId(copy, 0x1234);
            vp8.RewriteTl0PictureIndex(copy, 1);
            vp8.RewriteKeyIndex(copy, 1);
            if (!Vp8Descriptor.TryParse(copy, out var again) || again.Length != vp8.Length) throw new InvalidOperationException("a rewritten VP8 descriptor changed shape");
        }

        if (Vp9Descriptor.TryParse(payload, out var vp9))
        {
            vp9.RewritePictureId(copy, 0x1234);
            vp9.RewriteTl0PictureIndex(copy, 1);
        }

        H264.IsKeyframeStart(payload);
    }
}
