using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests.Fuzz;

/// <summary>Any bytes as a packet, once as they are and once with ports, tag and checksum put right, to a server with an association and to one without.</summary>
public static class SctpFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        var pair = new SctpPair();
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(1), () => pair.Server.State == SctpState.Established);
        Run(data, pair);
    }

    /// <summary>The same against a pair that lives on.</summary>
    internal static void Run(ReadOnlySpan<byte> data, SctpPair pair)
    {
        var fresh = new SctpAssociation(new SctpOptions { IsServer = true }, new SeededRandomSource(1));
        fresh.HandlePacket(data, pair.Now);
        pair.Server.HandlePacket(data, pair.Now);
        if (data.Length >= PacketHeader.Length)
        {
            var repaired = data.ToArray();
            new PacketHeader(5000, 5000, pair.ServerTag).Seal(repaired);
            pair.Server.HandlePacket(repaired, pair.Now);
            new PacketHeader(5000, 5000, 0).Seal(repaired);
            fresh.HandlePacket(repaired, pair.Now);
        }

        pair.Server.HandleTimeout(pair.Now);
        fresh.HandleTimeout(pair.Now);
        Check(pair.Server);
        Check(fresh);
    }

    private static void Check(SctpAssociation association)
    {
        while (association.TryDequeueTransmit(out var packet))
        {
            if (packet.Length > SctpLimits.MaxPacket) throw new InvalidOperationException("A packet is too long.");
            if (!PacketHeader.HasValidChecksum(packet.Span)) throw new InvalidOperationException("A packet has a wrong checksum.");
        }

        while (association.TryDequeueEvent(out _))
        {
        }
    }
}
