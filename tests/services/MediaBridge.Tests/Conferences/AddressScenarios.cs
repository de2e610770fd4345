using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>Whose an address is, when somebody makes one up and when a client comes back to it.</summary>
public sealed class AddressScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90 };

    [Fact]
    public void A_check_under_the_address_of_another_takes_nothing_from_that_one()
    {
        using var call = new BridgeCall(1);
        var (a, b) = (call.Join(A), call.Join(B));
        var checks = Listen(call);
        call.Until(() => a.IsConnected && b.IsConnected && b.Streams.Values.Any(s => !s.IsVideo && s.Packets > 20));
        call.Run(6);
        var (victim, forged) = (AddressOf(0), checks[AddressOf(1)]);

        var audio = Audio(b, a);
        var before = audio.Packets;
        for (var i = 0; i < 500; i++)
        {
            Inject(call, forged, victim);
            call.Run(0.02);
        }

        Assert.InRange(audio.Packets - before, 490, 510);
        Assert.Equal(0, audio.Lost);
        Assert.Equal(0, call[b.Id].Transport.Counters[PeerTransport.PeerDrop.SrtpAuthentication]);
        Assert.True(a.IsConnected && b.IsConnected);
        Assert.Equal(PeerTransport.PeerFailure.None, call[a.Id].Failure);
    }

    [Fact]
    public void A_check_replayed_from_many_addresses_does_not_push_out_the_one_the_client_is_at()
    {
        using var call = new BridgeCall(2);
        var (a, b) = (call.Join(A), call.Join(B));
        var checks = Listen(call);
        call.Until(() => a.IsConnected && b.IsConnected && b.Streams.Values.Any(s => !s.IsVideo && s.Packets > 20));
        call.Run(6);

        var audio = Audio(b, a);
        var before = audio.Packets;
        var replayed = checks[AddressOf(0)];
        for (uint i = 0; i < 500; i++)
        {
            Inject(call, replayed, TransportAddress.FromIPv4(0x0B000000 + i, 7000));
            call.Run(0.01);
        }

        Assert.InRange(audio.Packets - before, 240, 260);
        Assert.Equal(0, call.Shard.Counters.Undeliverable);
        Assert.InRange(call[a.Id].Addresses.Count, 1, EndpointLimits.MaxAddresses);
        Assert.True(call[a.Id].Transport.TryGetSelectedPair(out _, out var selected));
        Assert.Equal(AddressOf(0), selected);
        call.Leave(a);
        Assert.Equal(1, call.Shard.AddressCount);
    }

    [Fact]
    public void Who_leaves_and_comes_back_from_the_same_socket_is_connected_at_once()
    {
        using var call = new BridgeCall(3);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected);
        call.Run(3);
        call.Leave(a);
        var again = call.Join(A, at: AddressOf(0));
        call.Until(() => again.IsConnected && Hears(b, again), 2);
    }

    [Fact]
    public void Who_comes_back_to_a_socket_whose_old_endpoint_is_still_there_has_it_by_answering()
    {
        using var call = new BridgeCall(4);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected);
        call.Run(3);
        call.Network.Detach(a);
        var again = call.Join(A with { Id = "cccc0003" }, at: AddressOf(0));
        call.Until(() => again.IsConnected && Hears(b, again), 3);
        call.Leave(a);
        var audio = Audio(b, again);
        var before = audio.Packets;
        call.Run(2);
        Assert.InRange(audio.Packets - before, 95, 105);
    }

    [Fact]
    public void An_address_is_free_again_when_its_endpoint_has_long_been_silent()
    {
        using var call = new BridgeCall(5);
        var (a, b) = (call.Join(A), call.Join(B));
        var checks = Listen(call);
        call.Until(() => a.IsConnected && b.IsConnected);
        call.Run(6);
        call.Network.Detach(a);
        call.Run(EndpointLimits.AddressSilence.TotalSeconds - 5);
        Inject(call, checks[AddressOf(1)], AddressOf(0));
        Assert.Equal(a.Id, call.Shard.FindByAddress(AddressOf(0))?.Id);
        call.Run(6);
        Inject(call, checks[AddressOf(1)], AddressOf(0));
        Assert.Equal(b.Id, call.Shard.FindByAddress(AddressOf(0))?.Id);
    }

    /// <summary>The last check of each client, as anyone on the way could keep it.</summary>
    private static Dictionary<TransportAddress, byte[]> Listen(BridgeCall call)
    {
        var checks = new Dictionary<TransportAddress, byte[]>();
        call.Network.Drop = d =>
        {
            if (d.Destination == call.Port.Local && d.Bytes.Span[0] == 0 && d.Bytes.Span[1] == 1) checks[d.Source] = d.Bytes.ToArray();
            return false;
        };
        return checks;
    }

    private static void Inject(BridgeCall call, byte[] datagram, TransportAddress source)
    {
        call.Shard.HandleDatagram([.. datagram], call.Port.Local, source, call.Network.Now);
        call.Network.Drain();
    }

    private static bool Hears(HeadlessEndpoint receiver, HeadlessEndpoint sender) =>
        receiver.Channel.Sources.Values.Any(s => s.Source == $"{sender.Id}-a0" && receiver.Streams.TryGetValue(s.Ssrc, out var stream) && stream.Packets > 5);

    private static ReceivedStream Audio(HeadlessEndpoint receiver, HeadlessEndpoint sender) =>
        receiver.Streams[receiver.Channel.Sources.Values.Last(s => s.Source == $"{sender.Id}-a0").Ssrc];

    /// <summary>The call gives its clients addresses in order.</summary>
    private static TransportAddress AddressOf(uint index) => TransportAddress.FromIPv4(0x0A000010 + index, 5000);
}
