using JitsiMesh.Primitives;

namespace JitsiMesh.PeerTransport.Tests.Fuzz;

/// <summary>Feeds datagrams, each after a length byte, to a transport with a remote description.</summary>
public static class PeerTransportFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        var now = MonotonicTime.FromSeconds(1);
        using var transport = new PeerTransport(new PeerTransportOptions { DtlsCertificate = Certificates.Bridge, EnableSctp = true }, new SeededRandomSource(1));
        transport.Ice.AddLocalCandidate(Ice.Candidate.CreateHost(TestPeer.BridgeAddress));
        transport.SetRemoteIce("client", "client-password-of-22-chars", [Ice.Candidate.CreateHost(TestPeer.ClientAddress)], now);
        while (!data.IsEmpty)
        {
            var length = Math.Min(data[0], data.Length - 1);
            transport.HandleDatagram(data.Slice(1, length).ToArray(), TestPeer.BridgeAddress, TestPeer.ClientAddress, now, out _);
            data = data[(1 + length)..];
            while (transport.TryDequeueTransmit(out _))
            {
            }
        }

        if (transport.NextTimeout != MonotonicTime.Never) transport.HandleTimeout(transport.NextTimeout);
    }
}
