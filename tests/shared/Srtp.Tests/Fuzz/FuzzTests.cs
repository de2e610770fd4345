using JitsiMesh.Primitives;

namespace JitsiMesh.Srtp.Tests.Fuzz;

public sealed class FuzzTests
{
    [Fact]
    public void Strangers_bytes_never_pass()
    {
        SrtpFuzz.Run([]);
        var random = new SeededRandomSource(6);
        var data = new byte[80];
        for (var round = 0; round < 300; round++)
        {
            random.Fill(data);
            data[0] = (byte)(0x80 | (data[0] & 0x1F));
            SrtpFuzz.Run(data.AsSpan(0, random.NextInt(data.Length + 1)));
        }
    }

    [Theory]
    [InlineData(ProtectionProfile.AeadAes128Gcm)]
    [InlineData(ProtectionProfile.Aes128CmHmacSha1_80)]
    public void A_mutated_packet_never_authenticates(ProtectionProfile profile)
    {
        const ulong Seed = 11;
        using var peers = new Peers(profile);
        var random = new SeededRandomSource(Seed);
        var packet = peers.Protect(Peers.Packet(7, 1000));
        var report = peers.ProtectReport(Peers.Report(7));
        for (var bit = 0; bit < 8 * packet.Length; bit++)
        {
            var changed = (byte[])packet.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpResult.Ok, peers.Unprotect(changed));
        }

        for (var bit = 0; bit < 8 * report.Length; bit++)
        {
            var changed = (byte[])report.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            // Of the header word only version and SSRC matter to SRTCP's framing, yet all of it is authenticated.
            Assert.NotEqual(SrtpResult.Ok, peers.UnprotectReport(changed));
        }

        for (var round = 0; round < 3000; round++)
        {
            var changed = (byte[])packet.Clone();
            for (var i = 1 + random.NextInt(5); i > 0; i--) changed[random.NextInt(changed.Length)] ^= (byte)(1 + random.NextInt(255));
            var length = random.NextInt(3) == 0 ? random.NextInt(changed.Length) : changed.Length;
            if (changed.AsSpan(0, length).SequenceEqual(packet)) continue;
            var result = peers.Receiver.UnprotectRtp(changed, length, out _);
            Assert.True(result != SrtpResult.Ok, $"seed {Seed}, round {round}");
        }

        Assert.Equal(0, peers.Receiver.InboundStreams);
        Assert.Equal(SrtpResult.Ok, peers.Unprotect(packet));
        Assert.Equal(SrtpResult.Ok, peers.UnprotectReport(report));
    }
}
