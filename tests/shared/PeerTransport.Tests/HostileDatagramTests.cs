using JitsiMesh.Dtls;
using JitsiMesh.Ice;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport.Tests;

/// <summary>What a stranger, or a broken network, may send into a call.</summary>
public class HostileDatagramTests
{
    private const int Count = 100;

    public static TheoryData<DatagramClass> Classes() => [DatagramClass.Unknown, DatagramClass.Stun, DatagramClass.Dtls, DatagramClass.Rtp, DatagramClass.Rtcp];

    [Theory]
    [MemberData(nameof(Classes))]
    public void A_hundred_random_datagrams_of_each_class_change_nothing(DatagramClass kind)
    {
        using var call = new Call(51).Connect();
        var channel = call.OpenChannel();
        var random = new SeededRandomSource(call.Network.Seed);
        for (var i = 0; i < Count; i++)
        {
            var datagram = new byte[2 + random.NextInt(1400)];
            random.Fill(datagram);
            Begin(datagram, kind, random);
            Assert.Equal(kind, DatagramClassifier.Classify(datagram));
            call.Network.Inject(new VirtualDatagram(TestPeer.ClientAddress, TestPeer.BridgeAddress, datagram));
        }

        call.Network.RunFor(TimeSpan.FromSeconds(1));
        AssertUndisturbed(call, channel);
    }

    [Fact]
    public void A_hundred_mutations_of_each_real_datagram_change_nothing()
    {
        var samples = new List<byte[]>();
        using var call = new Call(52);
        call.Network.Drop = d =>
        {
            if (d.Source == TestPeer.ClientAddress) samples.Add(d.Bytes.ToArray());
            return false;
        };
        call.Connect();
        var channel = call.OpenChannel();
        call.AssertMediaFlowsBothWays();
        call.Network.Drop = null;

        var random = new SeededRandomSource(call.Network.Seed);
        foreach (var group in samples.GroupBy(s => DatagramClassifier.Classify(s)))
        {
            var of = group.ToList();
            for (var i = 0; i < Count; i++)
            {
                var datagram = (byte[])of[random.NextInt(of.Count)].Clone();

                // The first two bytes stay, so that each class gets its share; a cut or up to four changed bytes.
                for (var flips = random.NextInt(4); flips >= 0; flips--) datagram[2 + random.NextInt(datagram.Length - 2)] ^= (byte)(1 + random.NextInt(255));
                var length = random.NextInt(5) == 0 ? 2 + random.NextInt(datagram.Length - 2) : datagram.Length;
                call.Network.Inject(new VirtualDatagram(TestPeer.ClientAddress, TestPeer.BridgeAddress, datagram.AsMemory(0, length)));
            }
        }

        Assert.Equal(4, samples.Select(s => DatagramClassifier.Classify(s)).Distinct().Count());
        call.Network.RunFor(TimeSpan.FromSeconds(1));
        AssertUndisturbed(call, channel);
    }

    [Fact]
    public void Junk_of_every_class_during_the_handshake_does_not_keep_it_from_finishing()
    {
        using var call = new Call(53).Offer().Answer();
        var random = new SeededRandomSource(call.Network.Seed);
        foreach (var kind in Enum.GetValues<DatagramClass>())
        {
            for (var i = 0; i < Count; i++)
            {
                var datagram = new byte[2 + random.NextInt(300)];
                random.Fill(datagram);
                Begin(datagram, kind, random);
                call.Network.Inject(new VirtualDatagram(TransportAddress.FromIPv4(0x05050505, 5), TestPeer.BridgeAddress, datagram));
                if (i % 10 == 0) call.Network.RunFor(TimeSpan.FromMilliseconds(1));
            }
        }

        Assert.True(call.Network.RunUntil(() => call.IsConnected, TimeSpan.FromSeconds(5)), call.ToString());
        Assert.True(call.Bridge.Transport.Counters[PeerDrop.DtlsFromStranger] >= Count);
        call.AssertMediaFlowsBothWays();
    }

    [Fact]
    public void A_replayed_packet_is_dropped_and_counted()
    {
        using var call = new Call(54).Connect();
        var buffer = new byte[200];
        Assert.Equal(SrtpResult.Ok, call.Client.Transport.ProtectRtp(Call.RtpPacket(7, 7), buffer, out var written));
        for (var i = 0; i < 3; i++) call.Network.Inject(new VirtualDatagram(TestPeer.ClientAddress, TestPeer.BridgeAddress, buffer.AsMemory(0, written)));
        call.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(call.Bridge.Rtp);
        Assert.Equal(2, call.Bridge.Transport.Counters[PeerDrop.SrtpReplayed]);
    }

    [Fact]
    public void More_early_dtls_than_is_kept_is_counted_and_the_handshake_still_finishes()
    {
        using var call = new Call(55).Offer();
        call.Network.Drop = d =>
        {
            if (d.Bytes.Span[0] is >= 20 and <= 63 && d.Source == TestPeer.ClientAddress)
            {
                for (var i = 0; i < PeerTransportLimits.MaxEarlyDtls; i++) call.Bridge.HandleDatagram(d.Bytes.ToArray(), d.Destination, d.Source, call.Network.Now);
            }

            return false;
        };
        call.Network.RunFor(TimeSpan.FromSeconds(2));
        call.Network.Drop = null;
        Assert.True(call.Bridge.Transport.Counters[PeerDrop.EarlyDtlsFull] > 0);
        call.Answer();
        Assert.True(call.Network.RunUntil(() => call.IsConnected, TimeSpan.FromSeconds(5)), call.ToString());
    }

    private static void Begin(byte[] datagram, DatagramClass kind, SeededRandomSource random)
    {
        switch (kind)
        {
            case DatagramClass.Stun:
                datagram[0] = (byte)random.NextInt(4);
                break;
            case DatagramClass.Dtls:
                datagram[0] = (byte)(20 + random.NextInt(44));
                break;
            case DatagramClass.Rtp:
                datagram[0] = (byte)(128 + random.NextInt(64));
                datagram[1] = (byte)random.NextInt(192);
                break;
            case DatagramClass.Rtcp:
                datagram[0] = (byte)(128 + random.NextInt(64));
                datagram[1] = (byte)(192 + random.NextInt(32));
                break;
            default:
                datagram[0] = (byte)(64 + random.NextInt(64));
                break;
        }
    }

    private static void AssertUndisturbed(Call call, int channel)
    {
        var before = call.Bridge.Rtp.Count;
        Assert.True(call.IsConnected, call.ToString());
        Assert.Equal(IceState.Completed, call.Bridge.Transport.Ice.State);
        Assert.Equal(DtlsState.Connected, call.Bridge.Transport.DtlsState);
        Assert.False(call.Bridge.Has<PeerEvent.Failed>() || call.Client.Has<PeerEvent.Failed>(), call.ToString());
        Assert.True(call.Bridge.Transport.TryGetSelectedPair(out _, out var remote) && remote == TestPeer.ClientAddress);
        call.SendText(call.Client, channel, "after");
        Assert.True(call.Network.RunUntil(() => call.Bridge.Messages.Contains("after"), TimeSpan.FromSeconds(5)), call.ToString());
        call.AssertMediaFlowsBothWays();
        Assert.Equal(before + 1, call.Bridge.Rtp.Count);
    }
}
