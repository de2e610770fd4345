using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

public sealed class DropTotalsTests
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };

    [Fact]
    public void What_an_endpoint_threw_away_stays_counted_when_it_has_left()
    {
        using var call = new BridgeCall(1);
        var (a, b) = (call.Join(A), call.Join(A with { Id = "bbbb0002" }));
        call.Until(() => a.Channel.SawServerHello && b.Channel.SawServerHello);
        TransportAddress? from = null;
        call.Network.Drop = d =>
        {
            if (d.Destination == call.Port.Local) from ??= d.Source;
            return false;
        };
        call.Run(0.2);
        var before = Read(call);

        call.Say(a, "{");
        call.Say(a, """{"colibriClass":"Nope"}""");
        Forge(call, from!.Value, [0x80, 111, .. new byte[60]]);
        Forge(call, from.Value, [0x17, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 99, 0, 40, .. new byte[40]]);
        Forge(call, from.Value, [0x17, 0xFE, 0xFD, 0]);
        Forge(call, from.Value, [70, 70, 70]);
        Forge(call, TransportAddress.FromIPv4(0x0A0000AA, 9), [0x80, 111, .. new byte[60]]);
        a.SendOverDtls(new byte[40], call.Network.Now);
        call.Run(1);
        var live = Read(call);
        foreach (var reason in new[] { "channel_not_json", "channel_unknown_class", "transport_srtp_authentication", "dtls_without_effect", "dtls_malformed", "transport_unknown_class", "sctp_bad_checksum" })
        {
            Assert.True(live[reason] == before[reason] + 1, $"{reason}: {before[reason]} then {live[reason]}");
        }

        Assert.Equal(1, call.Shard.Counters.Undeliverable);

        call.Leave(a);
        call.Run(1);
        var after = Read(call);
        Assert.All(live, pair => Assert.True(after[pair.Key] >= pair.Value, pair.Key));
        Assert.Equal(live["sctp_bad_checksum"], after["sctp_bad_checksum"]);
    }

    [Fact]
    public void A_client_that_says_goodbye_has_not_failed()
    {
        using var call = new BridgeCall(2);
        var (a, b) = (call.Join(A), call.Join(A with { Id = "bbbb0002" }));
        call.Until(() => a.IsConnected && b.IsConnected);
        a.Close(call.Network.Now);
        call.Network.Drain();
        call.Run(1);
        Assert.Equal(PeerTransport.PeerFailure.DtlsClosedByRemote, call["aaaa0001"].Failure);
        Assert.Equal(0, call.Shard.Counters.DtlsFailed);
    }

    [Fact]
    public void Every_reason_has_a_name_of_its_own() => Assert.Equal(DropTotals.Names.Count(), DropTotals.Names.Distinct().Count());

    private static void Forge(BridgeCall call, TransportAddress from, byte[] datagram) => call.Shard.HandleDatagram(datagram, call.Port.Local, from, call.Network.Now);

    private static Dictionary<string, long> Read(BridgeCall call) => call.Shard.Drops.Published.ToDictionary(d => d.Reason, d => d.Count);
}
