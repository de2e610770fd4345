using JitsiMesh.Dtls;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport.Tests;

public class PeerTransportScenarioTests
{
    private const string Gcm = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    private const string Cm = "SRTP_AES128_CM_SHA1_80";

    private static readonly LinkConditions Losing = new() { Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(10), Loss = 0.1 };

    public static TheoryData<ulong, double, string, ushort> Calls()
    {
        var data = new TheoryData<ulong, double, string, ushort> { { 1, 0, Gcm, 0x0007 }, { 2, 0, Cm, 0x0001 } };
        for (var seed = 3UL; seed < 9; seed++) data.Add(seed, 0.1, seed % 2 == 0 ? Gcm : Cm, (ushort)(seed % 2 == 0 ? 7 : 1));
        return data;
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Two_transports_connect_and_carry_media_and_messages_both_ways(ulong seed, double loss, string profiles, ushort expected)
    {
        using var call = new Call(seed, loss > 0 ? Losing : LinkConditions.Perfect, DtlsOptions.Default with { SrtpProfiles = profiles });
        call.Connect(TimeSpan.FromSeconds(loss > 0 ? 25 : 1));
        Assert.Equal((ProtectionProfile)expected, call.Bridge.Transport.Profile);
        Assert.Equal((ProtectionProfile)expected, call.Client.Transport.Profile);
        Assert.Equal(DtlsRole.Server, call.Bridge.Transport.DtlsRole);
        call.AssertMediaFlowsBothWays();

        var channel = call.OpenChannel(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 20; i++)
        {
            call.SendText(call.Client, channel, $"up {i}");
            call.SendText(call.Bridge, channel, $"down {i}");
        }

        Assert.True(call.Network.RunUntil(() => call.Bridge.Messages.Count() == 20 && call.Client.Messages.Count() == 20, TimeSpan.FromSeconds(60)), call.ToString());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"up {i}"), call.Bridge.Messages);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"down {i}"), call.Client.Messages);
        var opened = Assert.Single(call.Bridge.Events.OfType<PeerEvent.ChannelOpened>());
        Assert.Equal(("JVB data channel", "http://jitsi.org/protocols/colibri"), (opened.Label, opened.Protocol));
    }

    [Fact]
    public void Events_come_in_the_order_in_which_layers_come_up()
    {
        using var call = new Call(10).Connect();
        Assert.Equal(
            [typeof(PeerEvent.SelectedPairChanged), typeof(PeerEvent.IceConnected), typeof(PeerEvent.Connected), typeof(PeerEvent.ChannelsAvailable)],
            call.Bridge.Events.Select(e => e.GetType()));
    }

    [Fact]
    public void A_client_that_is_ready_long_before_its_answer_arrives_loses_nothing_by_it()
    {
        using var call = new Call(11).Offer();
        call.Network.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(DtlsState.Handshaking, call.Client.Transport.DtlsState);
        Assert.Equal(DtlsState.New, call.Bridge.Transport.DtlsState);
        Assert.True(call.Bridge.Transport.Counters.DtlsReceived > 0);
        call.Answer();
        var answered = call.Network.Now;
        Assert.True(call.Network.RunUntil(() => call.IsConnected, TimeSpan.FromSeconds(2)), call.ToString());
        Assert.InRange((call.Network.Now - answered).TotalMilliseconds, 0, 150);
    }

    [Fact]
    public void The_handshake_runs_without_the_fingerprint_but_is_not_trusted_before_it()
    {
        using var call = new Call(12).Offer();
        call.Bridge.LearnIce(call.Client, withCandidates: false);
        call.Network.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(DtlsState.Connected, call.Client.Transport.DtlsState);
        Assert.Equal(DtlsState.Handshaking, call.Bridge.Transport.DtlsState);
        Assert.Null(call.Bridge.Transport.Profile);
        Assert.Equal(SrtpResult.NoKeys, call.Bridge.Transport.ProtectRtp(Call.RtpPacket(1, 1), new byte[200], out _));
        call.Client.SendRtp(Call.RtpPacket(1, 1));
        call.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(1, call.Bridge.Transport.Counters[PeerDrop.MediaBeforeKeys]);

        call.Bridge.LearnDtls(Certificates.Client, "active");
        Assert.Equal(DtlsState.Connected, call.Bridge.Transport.DtlsState);
        call.Network.RunFor(TimeSpan.FromSeconds(5));
        call.AssertMediaFlowsBothWays();
        call.OpenChannel();
    }

    [Fact]
    public void A_passive_remote_makes_the_bridge_dtls_client()
    {
        var network = new VirtualNetwork(13);
        using var bridge = TestPeer.Bridge(network);
        using var client = TestPeer.Client(network, setup: DtlsSetup.Passive);
        client.LearnIce(bridge, withCandidates: true);
        client.LearnDtls(Certificates.Bridge, "actpass");
        bridge.LearnIce(client, withCandidates: false);
        bridge.LearnDtls(Certificates.Client, "passive");
        Assert.True(network.RunUntil(() => bridge.Transport.DtlsState == DtlsState.Connected && client.Transport.DtlsState == DtlsState.Connected, TimeSpan.FromSeconds(2)), network.ToString());
        Assert.Equal(DtlsRole.Client, bridge.Transport.DtlsRole);
    }

    [Fact]
    public void Another_certificate_than_promised_fails_both_sides_and_carries_nothing()
    {
        using var call = new Call(14).Offer();
        call.Bridge.LearnIce(call.Client, withCandidates: false);
        call.Bridge.LearnDtls(Certificates.Stranger, "active");
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.Failed>(), TimeSpan.FromSeconds(5)), call.ToString());
        Assert.Equal(PeerFailure.DtlsFingerprintMismatch, call.Bridge.Transport.Failure);
        Assert.Single(call.Bridge.Events.OfType<PeerEvent.Failed>());
        call.Network.RunFor(TimeSpan.FromSeconds(40));
        Assert.NotEqual(DtlsState.Connected, call.Bridge.Transport.DtlsState);
        Assert.NotEqual(DtlsState.Connected, call.Client.Transport.DtlsState);
        Assert.Equal(SrtpResult.NoKeys, call.Bridge.Transport.ProtectRtp(Call.RtpPacket(1, 1), new byte[200], out _));
    }

    [Fact]
    public void A_remote_that_closes_is_noticed_at_once()
    {
        using var call = new Call(15).Connect();
        call.Client.Transport.Close(call.Network.Now);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.Failed>(), TimeSpan.FromSeconds(1)), call.ToString());
        Assert.Equal(PeerFailure.DtlsClosedByRemote, call.Bridge.Transport.Failure);
    }

    [Fact]
    public void A_remote_that_falls_silent_is_noticed_by_consent()
    {
        using var call = new Call(16).Connect();
        call.Network.Detach(call.Client);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.Failed>(), TimeSpan.FromSeconds(10)), call.ToString());
        Assert.Equal(PeerFailure.IceConsentExpired, call.Bridge.Transport.Failure);
        Assert.False(call.Bridge.Transport.TryGetSelectedPair(out _, out _));
    }

    [Fact]
    public void Consent_that_ends_while_only_refused_checks_arrive_is_told()
    {
        using var call = new Call(18).Connect();
        var request = new byte[200];
        var writer = new Ice.Stun.StunWriter(request, Ice.Stun.StunClass.Request, Ice.Stun.StunMethod.Binding, new Ice.Stun.StunTransactionId(1, 2));
        writer.AddText(Ice.Stun.StunAttribute.Username, $"{call.Bridge.Transport.Ice.Ufrag}:other");
        writer.AddMessageIntegrity("wrong"u8);
        var datagram = writer.Written.ToArray();
        for (var i = 0; i < 8; i++)
        {
            var now = call.Network.Now + TimeSpan.FromSeconds(10 + i);
            Assert.Equal(PacketKind.Dropped, call.Bridge.Transport.HandleDatagram(datagram, TestPeer.BridgeAddress, TestPeer.ClientAddress, now, out _));
        }

        call.Bridge.Collect();
        Assert.Equal(PeerFailure.IceConsentExpired, call.Bridge.Events.OfType<PeerEvent.Failed>().Single().Reason);
    }

    [Fact]
    public void A_disposed_transport_wants_nothing_and_sends_nothing()
    {
        using var call = new Call(17).Connect();
        call.Bridge.Transport.Dispose();
        Assert.Equal(Primitives.MonotonicTime.Never, call.Bridge.Transport.NextTimeout);
        Assert.False(call.Bridge.Transport.TryDequeueTransmit(out _));
        Assert.Equal(SrtpResult.NoKeys, call.Bridge.Transport.ProtectRtp(Call.RtpPacket(1, 1), new byte[200], out _));
        call.Network.RunFor(TimeSpan.FromSeconds(1));
    }
}
