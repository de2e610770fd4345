using JitsiMesh.Dtls;
using JitsiMesh.Srtp;

namespace JitsiMesh.PeerTransport.Tests;

public class AllocationTests
{
    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM")]
    [InlineData("SRTP_AES128_CM_SHA1_80")]
    public void Media_in_and_out_allocates_nothing(string profiles)
    {
        using var call = new Call(71, clientDtls: DtlsOptions.Default with { SrtpProfiles = profiles }).Connect();
        var plain = Call.RtpPacket(0, 5, 1100);
        var report = Call.ReceiverReport(5, 1);
        var buffer = new byte[1500];
        for (var i = 0; i < 200; i++) Exchange(call, plain, report, buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Exchange(call, plain, report, buffer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1200, call.Bridge.Transport.Counters.RtpReceived);
        Assert.Equal(1200, call.Bridge.Transport.Counters.RtcpReceived);
    }

    private static void Exchange(Call call, byte[] plain, byte[] report, byte[] buffer)
    {
        if (++plain[3] == 0) plain[2]++;
        call.Client.Transport.ProtectRtp(plain, buffer, out var written);
        var kind = call.Bridge.Transport.HandleDatagram(buffer.AsSpan(0, written), TestPeer.BridgeAddress, TestPeer.ClientAddress, call.Network.Now, out var length);
        if (kind != PacketKind.Rtp || length != plain.Length) throw new InvalidOperationException($"RTP became {kind}.");
        if (call.Client.Transport.ProtectRtcp(report, buffer, out written) != SrtpResult.Ok) throw new InvalidOperationException("RTCP was not protected.");
        kind = call.Bridge.Transport.HandleDatagram(buffer.AsSpan(0, written), TestPeer.BridgeAddress, TestPeer.ClientAddress, call.Network.Now, out length);
        if (kind != PacketKind.Rtcp || length != report.Length) throw new InvalidOperationException($"RTCP became {kind}.");
    }
}
