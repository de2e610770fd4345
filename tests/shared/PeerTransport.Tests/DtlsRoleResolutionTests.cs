using JitsiMesh.Dtls;

namespace JitsiMesh.PeerTransport.Tests;

public class DtlsRoleResolutionTests
{
    [Theory]
    [InlineData(DtlsSetup.ActPass, null, null)]
    [InlineData(DtlsSetup.ActPass, "active", DtlsRole.Server)]
    [InlineData(DtlsSetup.ActPass, "passive", DtlsRole.Client)]
    [InlineData(DtlsSetup.ActPass, "actpass", DtlsRole.Client)]
    [InlineData(DtlsSetup.ActPass, "nonsense", DtlsRole.Server)]
    [InlineData(DtlsSetup.Active, "actpass", DtlsRole.Client)]
    [InlineData(DtlsSetup.Active, null, DtlsRole.Client)]
    [InlineData(DtlsSetup.Passive, "active", DtlsRole.Server)]
    public void Resolve_BothSetups_GivesOurRole(DtlsSetup own, string? remote, DtlsRole? expected) =>
        Assert.Equal(expected, DtlsRoleResolution.Resolve(own, remote));

    [Theory]
    [InlineData(new byte[] { }, DatagramClass.Unknown)]
    [InlineData(new byte[] { 1 }, DatagramClass.Unknown)]
    [InlineData(new byte[] { 0, 1 }, DatagramClass.Stun)]
    [InlineData(new byte[] { 3, 0 }, DatagramClass.Stun)]
    [InlineData(new byte[] { 4, 0 }, DatagramClass.Unknown)]
    [InlineData(new byte[] { 16, 0 }, DatagramClass.Unknown)]
    [InlineData(new byte[] { 20, 0 }, DatagramClass.Dtls)]
    [InlineData(new byte[] { 63, 0 }, DatagramClass.Dtls)]
    [InlineData(new byte[] { 64, 0 }, DatagramClass.Unknown)]
    [InlineData(new byte[] { 128, 191 }, DatagramClass.Rtp)]
    [InlineData(new byte[] { 128, 192 }, DatagramClass.Rtcp)]
    [InlineData(new byte[] { 191, 223 }, DatagramClass.Rtcp)]
    [InlineData(new byte[] { 191, 224 }, DatagramClass.Rtp)]
    [InlineData(new byte[] { 192, 0 }, DatagramClass.Unknown)]
    public void Classify_FirstBytes_FollowsRfc7983(byte[] datagram, DatagramClass expected) => Assert.Equal(expected, DatagramClassifier.Classify(datagram));
}
