using JitsiMesh.Dtls;
using JitsiMesh.Dtls.Tests;
using JitsiMesh.Primitives;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>
/// Datagrams of a whole handshake and of data after it, mutated: always to a connected server, now and then to one in mid-handshake and to a fresh one,
/// whose signatures cost too much for every round.
/// </summary>
internal sealed class DtlsTarget : IFuzzTarget
{
    private const int RoundsPerMidHandshake = 16;
    private const int RoundsPerFreshServer = 64;

    private static byte[] s_clientHello = [];
    private static DtlsPair? s_connected;
    private static DtlsTransport? s_midHandshake;
    private static int s_round;

    public static IReadOnlyList<byte[]> Samples { get; } = Record();

    public static void Run(ReadOnlySpan<byte> data)
    {
        if (s_connected is null || s_connected.Server.State != DtlsState.Connected)
        {
            s_connected?.Dispose();
            s_connected = new DtlsPair();
            s_connected.Trust().Start().Run(TimeSpan.FromSeconds(5), s_connected.BothConnected);
        }

        Feed(s_connected.Server, data, s_connected.Now);
        if (s_connected.Server.TryDequeueApplicationData(out _)) throw new InvalidOperationException("A stranger's data passed.");
        s_round++;
        if (s_round % RoundsPerMidHandshake == 0)
        {
            if (s_midHandshake is null || s_midHandshake.State != DtlsState.Handshaking)
            {
                s_midHandshake?.Dispose();
                s_midHandshake = new DtlsTransport(DtlsPair.ServerCertificate, DtlsRole.Server);
                Feed(s_midHandshake, s_clientHello, MonotonicTime.Zero);
            }

            Feed(s_midHandshake, data, MonotonicTime.Zero);
        }

        if (s_round % RoundsPerFreshServer != 0) return;
        using var fresh = new DtlsTransport(DtlsPair.ServerCertificate, DtlsRole.Server);
        Feed(fresh, data, MonotonicTime.Zero);
    }

    private static void Feed(DtlsTransport transport, ReadOnlySpan<byte> data, MonotonicTime now)
    {
        var before = transport.State;
        transport.HandleDatagram(data, now);
        while (transport.TryDequeueTransmit(out var datagram))
        {
            if (datagram.Length > DtlsOptions.Default.Mtu) throw new InvalidOperationException("A datagram is longer than the MTU.");
        }

        if (before != DtlsState.Connected && transport.State == DtlsState.Connected) throw new InvalidOperationException("Connected with a stranger.");
        if (before == DtlsState.Connected && transport.State != DtlsState.Connected) throw new InvalidOperationException($"A stranger ended a connection: {transport.FailureDetail}.");
    }

    private static List<byte[]> Record()
    {
        var datagrams = new List<byte[]>();
        using var pair = new DtlsPair();
        pair.Tamper = (toServer, datagram) =>
        {
            if (datagrams.Count == 0) s_clientHello = (byte[])datagram.Clone();
            datagrams.Add((byte[])datagram.Clone());
            return [datagram];
        };
        pair.Trust().Start().Run(TimeSpan.FromSeconds(5), pair.BothConnected);
        pair.Client.Send(new byte[100]);
        pair.Server.Send(new byte[50]);
        pair.Client.Close();
        pair.Run(TimeSpan.FromSeconds(1));
        return datagrams;
    }
}
