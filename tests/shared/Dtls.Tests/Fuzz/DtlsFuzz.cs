using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls.Tests.Fuzz;

/// <summary>Any bytes as the first datagram of a server, and then again as its second.</summary>
public static class DtlsFuzz
{
    private static readonly DtlsCertificate Certificate = DtlsPair.NewCertificate();

    public static void Run(ReadOnlySpan<byte> data)
    {
        using var server = new DtlsTransport(Certificate, DtlsRole.Server);
        server.HandleDatagram(data, MonotonicTime.Zero);
        server.HandleDatagram(data, MonotonicTime.Zero);
        while (server.TryDequeueTransmit(out var datagram))
        {
            if (datagram.Length > DtlsOptions.Default.Mtu) throw new InvalidOperationException("A datagram is longer than the MTU.");
        }

        if (server.State == DtlsState.Connected) throw new InvalidOperationException("Connected without a peer.");
    }
}
