namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Redundant audio (RFC 2198): <c>|1| PT (7) | timestamp offset (14) | length (10) |</c> for each old block, <c>|0| PT |</c> for the last.</summary>
internal static class RedPayload
{
    /// <summary>The maximum number of blocks; more is malformed.</summary>
    private const int MaxBlocks = 8;

    /// <summary>The packet with only the newest block, for a receiver that does not support RED.</summary>
    public static bool TryGetPrimary(in IngressPacket packet, out IngressPacket primary)
    {
        primary = packet;
        var payload = packet.Payload;
        var position = 0;
        var redundant = 0;
        for (var block = 0; block < MaxBlocks; block++)
        {
            if (position >= payload.Length) return false;
            if ((payload[position] & 0x80) == 0)
            {
                primary.PayloadType = (byte)(payload[position] & 0x7F);
                var start = position + 1 + redundant;
                if (start >= payload.Length) return false;
                primary.Payload = payload[start..];
                return true;
            }

            if (position + 4 > payload.Length) return false;
            redundant += ((payload[position + 2] & 0x03) << 8) | payload[position + 3];
            position += 4;
        }

        return false;
    }
}
