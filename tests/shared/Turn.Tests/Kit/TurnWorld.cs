using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Credentials;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.Turn.Tests.Kit;

/// <summary>A relay with two bridges, one of them behind NAT, in virtual time.</summary>
internal sealed class TurnWorld : ITurnPeers, ITurnRelays
{
    public const string Secret = "secret of the relay";

    public static readonly TransportAddress Bridge = TransportAddress.FromIPv4(0x0A000001, 10000);
    public static readonly TransportAddress Offered = TransportAddress.FromIPv4(0xCB007104, 10000);
    public static readonly TransportAddress Inner = TransportAddress.FromIPv4(0xAC120005, 10000);
    public static readonly TransportAddress Bridge6 = new(0x20010DB8_00000000, 1, 10000);
    public static readonly TransportAddress Stranger = TransportAddress.FromIPv4(0x7F000001, 22);
    private static readonly TransportAddress Listening = TransportAddress.FromIPv4(0xCB007105, 443);
    private ushort _nextPort = 50000;

    public TurnWorld(TurnLimits? limits = null, Func<TransportAddress, bool>? isShared = null) =>
        Server = new TurnServer(new TurnServerOptions { Secret = Secret, Limits = limits ?? new TurnLimits(), IsSharedAddress = isShared ?? (_ => false) }, this, this, new SeededRandomSource(7));

    public TurnServer Server { get; }

    public SeededRandomSource Random { get; } = new(1);

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(1);

    public DateTimeOffset Utc { get; private set; } = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);

    public int OpenRelays { get; private set; }

    public bool HasPorts { get; set; } = true;

    /// <summary>Moves time on as a host does: a second at a time.</summary>
    public void Passes(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            var step = left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
            Now += step;
            Utc += step;
            Server.HandleTimeout(Now);
        }
    }

    public FiveTuple Tuple(ushort port = 40000, TurnTransport transport = TurnTransport.Udp, uint address = 0xC6336401) =>
        new(transport, TransportAddress.FromIPv4(address, port), Listening);

    public TurnPerson Person(string user = "ann", ushort port = 40000, TurnTransport transport = TurnTransport.Udp, uint address = 0xC6336401, TimeSpan? lifetime = null)
    {
        var name = RestCredentials.Username(Utc + (lifetime ?? TimeSpan.FromHours(1)), user);
        return new TurnPerson(this, Tuple(port, transport, address), name, RestCredentials.Password(Secret, name));
    }

    bool ITurnPeers.IsKnown(in TransportAddress address)
    {
        var ip = address with { Port = 0 };
        return ip == Bridge with { Port = 0 } || ip == Offered with { Port = 0 } || ip == Bridge6 with { Port = 0 };
    }

    bool ITurnPeers.TryGetReal(in TransportAddress offered, out TransportAddress real)
    {
        real = offered == Offered ? Inner : offered;
        return offered == Bridge || offered == Offered || offered == Bridge6;
    }

    bool ITurnPeers.TryGetOffered(in TransportAddress real, out TransportAddress offered)
    {
        offered = real == Inner ? Offered : real;
        return real == Bridge || real == Inner || real == Bridge6;
    }

    ITurnRelay? ITurnRelays.TryOpen(TurnAllocation allocation, bool isIPv6, bool isEven)
    {
        if (!HasPorts) return null;
        if (isEven) _nextPort += (ushort)(_nextPort & 1);
        OpenRelays++;
        return new FakeRelay(this, isIPv6 ? new TransportAddress(0x20010DB8_00000000, 2, _nextPort++) : TransportAddress.FromIPv4(0x0A000063, _nextPort++));
    }

    private sealed class FakeRelay(TurnWorld world, TransportAddress address) : ITurnRelay
    {
        public TransportAddress Address { get; } = address;

        public void Dispose() => world.OpenRelays--;
    }
}

/// <summary>One client of the relay.</summary>
internal sealed class TurnPerson(TurnWorld world, FiveTuple tuple, string username, string password) : ITurnLink
{
    public FiveTuple Tuple { get; } = tuple;

    public TurnClientMessages Messages { get; } = new(username, password, world.Random);

    public TurnOutcome LastOutcome { get; private set; }

    public void Send(in FiveTuple client, ReadOnlySpan<byte> packet)
    {
    }

    /// <summary>Hands a packet to the relay; gives the octets of the answer, empty for none.</summary>
    public byte[] Exchange(ReadOnlySpan<byte> packet)
    {
        var answer = new byte[TurnLimits.AnswerOctets];
        LastOutcome = world.Server.HandleClient(Tuple, this, packet, answer, world.Now, world.Utc);
        return LastOutcome.Verdict == TurnVerdict.Answer ? answer[..LastOutcome.Length] : [];
    }

    /// <summary>The error code of a request's answer; 0 for success, -1 for none. Nothing is repeated.</summary>
    public int Asks(byte[] request) => Messages.Read(Exchange(request))?.Error ?? -1;

    /// <summary>Makes a request again after a challenge, as a client does.</summary>
    public TurnReply Says(Func<byte[]> request)
    {
        for (var i = 0; ; i++)
        {
            var reply = Messages.Read(Exchange(request())) ?? throw new InvalidOperationException("no answer");
            if (i == 2 || reply.Error is not (TurnErrorCode.Unauthenticated or TurnErrorCode.StaleNonce)) return reply;
        }
    }

    public TurnReply Allocates(bool isIPv6 = false) => Says(() => Messages.Allocate(isIPv6));

    /// <summary>An allocation with a channel to the bridge.</summary>
    public TurnPerson Connects(ushort channel = 0x4000, TransportAddress? peer = null)
    {
        Assert.Equal(0, Allocates().Error);
        Assert.Equal(0, Says(() => Messages.BindChannel(channel, peer ?? TurnWorld.Bridge)).Error);
        return this;
    }

    /// <summary>The part of a packet that reaches the peer; null for nothing.</summary>
    public (string Data, TransportAddress Peer)? Relays(byte[] packet)
    {
        Exchange(packet);
        return LastOutcome.Verdict == TurnVerdict.ToPeer ? (Encoding.ASCII.GetString(packet, LastOutcome.Offset, LastOutcome.Length), LastOutcome.Peer) : null;
    }

    /// <summary>The packet for the client from a peer's datagram; empty for nothing.</summary>
    public byte[] Receives(TurnAllocation allocation, TransportAddress from, ReadOnlySpan<byte> data)
    {
        var buffer = new byte[TurnLimits.Headroom + TurnLimits.DataOctets + TurnLimits.Tailroom];
        buffer.AsSpan().Fill(0xEE);
        data.CopyTo(buffer.AsSpan(TurnLimits.Headroom));
        var outcome = world.Server.HandlePeer(allocation, from, buffer, data.Length, world.Now);
        return outcome.Verdict == TurnVerdict.ToClient ? buffer.AsSpan(outcome.Offset, outcome.Length).ToArray() : [];
    }

    /// <summary>The client's allocation, identified by its packets.</summary>
    public TurnAllocation Allocation(ushort channel = 0x4000)
    {
        Assert.NotNull(Relays(TurnClientMessages.Channel(channel, "x"u8)));
        return LastOutcome.Allocation!;
    }
}
