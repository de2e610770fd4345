using System.Globalization;
using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls.Tests;

/// <summary>A client and a server on a link in virtual time. Every choice of the link comes from one seed.</summary>
internal sealed class DtlsPair : IDisposable
{
    internal static readonly DtlsCertificate ClientCertificate = NewCertificate();
    internal static readonly DtlsCertificate ServerCertificate = NewCertificate();

    private readonly SeededRandomSource _random;
    private readonly PriorityQueue<(bool ToServer, byte[] Datagram), (long, int)> _wire = new();
    private int _order;

    internal DtlsPair(ulong seed = 1, DtlsOptions? client = null, DtlsOptions? server = null)
    {
        Seed = ulong.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : seed;
        _random = new SeededRandomSource(Seed);
        Client = new DtlsTransport(ClientCertificate, DtlsRole.Client, client);
        Server = new DtlsTransport(ServerCertificate, DtlsRole.Server, server);
    }

    internal ulong Seed { get; }

    internal DtlsTransport Client { get; }

    internal DtlsTransport Server { get; }

    internal MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(1000);

    internal double Loss { get; init; }

    internal double Duplication { get; init; }

    internal int JitterMilliseconds { get; init; }

    /// <summary>Transforms a datagram on its way: by default unchanged. May return several datagrams or none.</summary>
    internal Func<bool, byte[], IEnumerable<byte[]>> Tamper { get; set; } = (_, datagram) => [datagram];

    internal static DtlsCertificate NewCertificate() =>
        DtlsCertificate.Create(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 9, 0, 0, 0, TimeSpan.Zero));

    internal static Fingerprint[] FingerprintOf(DtlsCertificate certificate) => [new Fingerprint("sha-256", certificate.Fingerprint)];

    internal DtlsPair Trust()
    {
        Client.SetRemoteFingerprints(FingerprintOf(ServerCertificate));
        Server.SetRemoteFingerprints(FingerprintOf(ClientCertificate));
        return this;
    }

    internal DtlsPair Start()
    {
        Server.Start(Now);
        Client.Start(Now);
        return this;
    }

    /// <summary>Steps to the earliest arrival or deadline until nothing is left before <paramref name="limit"/> or <paramref name="done"/> returns true.</summary>
    internal void Run(TimeSpan limit, Func<bool>? done = null)
    {
        var end = Now + limit;
        Drain();
        while (done?.Invoke() != true)
        {
            var next = MonotonicTime.Min(Client.NextTimeout, Server.NextTimeout);
            if (_wire.TryPeek(out _, out var arrival)) next = MonotonicTime.Min(next, new MonotonicTime(arrival.Item1));
            if (next > end) break;
            Now = MonotonicTime.Max(Now, next);
            while (_wire.TryPeek(out var packet, out arrival) && arrival.Item1 <= Now.Nanoseconds)
            {
                _wire.Dequeue();
                (packet.ToServer ? Server : Client).HandleDatagram(packet.Datagram, Now);
                Drain();
            }

            if (Client.NextTimeout <= Now) Client.HandleTimeout(Now);
            if (Server.NextTimeout <= Now) Server.HandleTimeout(Now);
            Drain();
        }
    }

    internal bool BothConnected() => Client.State == DtlsState.Connected && Server.State == DtlsState.Connected;

    internal string Describe() =>
        $"seed {Seed}: client {Client.State} {Client.Failure} {Client.FailureDetail}, server {Server.State} {Server.Failure} {Server.FailureDetail}";

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private void Drain()
    {
        while (Client.TryDequeueTransmit(out var datagram)) Transmit(true, datagram.ToArray());
        while (Server.TryDequeueTransmit(out var datagram)) Transmit(false, datagram.ToArray());
    }

    private void Transmit(bool toServer, byte[] original)
    {
        foreach (var datagram in Tamper(toServer, original))
        {
            if (_random.NextDouble() < Loss) continue;
            var copies = _random.NextDouble() < Duplication ? 2 : 1;
            for (var i = 0; i < copies; i++)
            {
                var delay = TimeSpan.FromMilliseconds(20 + (JitterMilliseconds == 0 ? 0 : _random.NextInt(JitterMilliseconds)));
                _wire.Enqueue((toServer, datagram), ((Now + delay).Nanoseconds, _order++));
            }
        }
    }
}
