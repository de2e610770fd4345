using System.Globalization;
using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Tests;

/// <summary>A client and a server on a link in virtual time. Every choice of the link comes from one seed.</summary>
internal sealed class SctpPair
{
    private readonly SeededRandomSource _random;
    private readonly PriorityQueue<(bool ToServer, byte[] Packet), (long, int)> _wire = new();
    private int _order;

    internal SctpPair(ulong seed = 1, SctpOptions? client = null, SctpOptions? server = null)
    {
        Seed = ulong.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : seed;
        _random = new SeededRandomSource(Seed);
        Client = new SctpAssociation((client ?? new SctpOptions()) with { IsServer = false, EvenChannelIds = true }, _random);
        Server = new SctpAssociation(server ?? new SctpOptions { IsServer = true }, _random);
    }

    internal ulong Seed { get; }

    internal uint ServerTag => Server.LocalTag;

    internal SctpAssociation Client { get; }

    internal SctpAssociation Server { get; }

    internal List<SctpEvent> ClientEvents { get; } = [];

    internal List<SctpEvent> ServerEvents { get; } = [];

    internal MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(1000);

    internal double Loss { get; set; }

    internal double Duplication { get; set; }

    internal int DelayMilliseconds { get; set; } = 20;

    internal int JitterMilliseconds { get; set; }

    /// <summary>Off: the application does not take its events, so the receive window closes.</summary>
    internal bool TakeEvents { get; set; } = true;

    internal int MaxPacketSeen { get; private set; }

    internal Func<bool, byte[], IEnumerable<byte[]>> Tamper { get; set; } = (_, packet) => [packet];

    internal SctpPair Connect()
    {
        Client.Start(Now);
        Run(TimeSpan.FromSeconds(60), () => Client.State == SctpState.Established && Server.State == SctpState.Established);
        Assert.True(Client.State == SctpState.Established && Server.State == SctpState.Established, Describe());
        return this;
    }

    /// <summary>Opens a channel from the client and waits until both know it.</summary>
    internal int Open(DataChannels.DataChannelOptions? options = null)
    {
        var id = Client.OpenChannel(options ?? new() { Label = "JVB data channel", Protocol = "http://jitsi.org/protocols/colibri" }, Now);
        Assert.True(id >= 0);
        Run(TimeSpan.FromSeconds(60), () => ClientEvents.Any(e => e is ChannelOpened opened && opened.Id == id));
        Assert.Contains(ServerEvents, e => e is ChannelOpened opened && opened.Id == id);
        return id;
    }

    internal void Run(TimeSpan limit, Func<bool>? done = null)
    {
        var end = Now + limit;
        Drain();
        while (done?.Invoke() != true)
        {
            var next = MonotonicTime.Min(Client.NextTimeout, Server.NextTimeout);
            if (_wire.TryPeek(out _, out var arrival)) next = MonotonicTime.Min(next, new MonotonicTime(arrival.Item1));
            if (next > end)
            {
                Now = end;
                break;
            }

            Now = MonotonicTime.Max(Now, next);
            while (_wire.TryPeek(out var packet, out arrival) && arrival.Item1 <= Now.Nanoseconds)
            {
                _wire.Dequeue();
                (packet.ToServer ? Server : Client).HandlePacket(packet.Packet, Now);
                Drain();
            }

            if (Client.NextTimeout <= Now) Client.HandleTimeout(Now);
            if (Server.NextTimeout <= Now) Server.HandleTimeout(Now);
            Drain();
        }
    }

    internal void Drain()
    {
        while (Client.TryDequeueTransmit(out var packet)) Transmit(true, packet.ToArray());
        while (Server.TryDequeueTransmit(out var packet)) Transmit(false, packet.ToArray());
        if (!TakeEvents) return;
        while (Client.TryDequeueEvent(out var e)) ClientEvents.Add(e);
        while (Server.TryDequeueEvent(out var e)) ServerEvents.Add(e);
    }

    internal static List<byte[]> Messages(List<SctpEvent> events, int? channel = null) =>
        [.. events.OfType<ChannelMessage>().Where(m => channel is null || m.Id == channel).Select(m => m.Data.ToArray())];

    internal static int Count(List<SctpEvent> events) => events.Count(e => e is ChannelMessage);

    internal string Describe() => $"seed {Seed}: client {Client.State} [{string.Join("; ", ClientEvents)}], server {Server.State} [{string.Join("; ", ServerEvents)}]";

    private void Transmit(bool toServer, byte[] original)
    {
        MaxPacketSeen = Math.Max(MaxPacketSeen, original.Length);
        foreach (var packet in Tamper(toServer, original))
        {
            if (_random.NextDouble() < Loss) continue;
            var copies = _random.NextDouble() < Duplication ? 2 : 1;
            for (var i = 0; i < copies; i++)
            {
                var delay = TimeSpan.FromMilliseconds(DelayMilliseconds + (JitterMilliseconds == 0 ? 0 : _random.NextInt(JitterMilliseconds)));
                _wire.Enqueue((toServer, packet), ((Now + delay).Nanoseconds, _order++));
            }
        }
    }
}
