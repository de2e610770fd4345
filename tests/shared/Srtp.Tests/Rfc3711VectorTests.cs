using JitsiMesh.Srtp.Native;

namespace JitsiMesh.Srtp.Tests;

public sealed class Rfc3711VectorTests
{
    [Fact]
    public void AppendixB2_AesCounterMode_KeyStream()
    {
        using var cipher = EvpCipherContext.CreateCounterMode(Bytes.Hex("2B7E151628AED2A6ABF7158809CF4F3C"));
        var stream = new byte[0xFF02 * 16];
        Assert.True(cipher.Transform(Bytes.Hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), stream, stream));
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4" + "D23513162B02D0F72A43A2FE4A5F97AB" + "41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(stream.AsSpan(0, 48)));
        Assert.Equal("EC8CDF7398607CB0F2D21675EA9EA1E4" + "362B7C3C6773516318A077D7FC5073AE" + "6A2CC3787889374FBEB4C81B17BA6C44", Convert.ToHexString(stream.AsSpan(0xFEFF * 16, 48)));
    }

    [Theory]
    [InlineData(0, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(2, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(1, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2")]
    public void AppendixB3_KeyDerivation(byte label, string expected)
    {
        var derived = new byte[expected.Length / 2];
        SessionKeys.DeriveKey(Bytes.Hex("E1F97A0D3E018BE0D64FA32C06DE4139"), Bytes.Hex("0EC675AD498AFEEBB6960B3AABE6"), label, derived);
        Assert.Equal(expected, Convert.ToHexString(derived));
    }

    // The validation packets of libsrtp, which every implementation of the profile is compared with.
    [Fact]
    public void CounterMode_ValidationPackets_OfLibsrtp()
    {
        var key = Bytes.Hex("E1F97A0D3E018BE0D64FA32C06DE4139");
        var salt = Bytes.Hex("0EC675AD498AFEEBB6960B3AABE6");
        using var session = new SrtpSession(ProtectionProfile.Aes128CmHmacSha1_80, key, salt, key, salt);
        var buffer = new byte[64];
        Assert.Equal(SrtpResult.Ok, session.ProtectRtp(Bytes.Hex("800F1234DECAFBADCAFEBABE ABABABABABABABABABABABABABABABAB"), buffer, out var length));
        Assert.Equal("800F1234DECAFBADCAFEBABE" + "4E55DC4CE79978D88CA4D215949D2402" + "B78D6ACC99EA179B8DBB", Convert.ToHexString(buffer.AsSpan(0, length)));

        var report = Bytes.Hex("81C8000BCAFEBABE ABABABABABABABABABABABABABABABAB");
        Assert.Equal(SrtpResult.Ok, session.ProtectRtcp(report, buffer, out _));
        Assert.Equal(SrtpResult.Ok, session.ProtectRtcp(report, buffer, out length));
        Assert.Equal("81C8000BCAFEBABE" + "7128035BE487B9BDBEF89041F977A5A8" + "80000001" + "993E08CD54D6C1230798", Convert.ToHexString(buffer.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(-1, 5, 5)]
    [InlineData(5, 6, 6)]
    [InlineData(65535, 0, 65536)]
    [InlineData(65536, 65535, 65535)]
    [InlineData(65536 + 100, 50, 65536 + 50)]
    [InlineData(32768, 0, 0)]
    [InlineData(32769, 0, 65536)]
    [InlineData(5, 65530, -6)]
    [InlineData((3L << 16) | 0x8000, 0xFFFF, (3L << 16) | 0xFFFF)]
    public void AppendixA_IndexGuess(long highest, ushort sequenceNumber, long expected) => Assert.Equal(expected, PacketIndex.Guess(highest, sequenceNumber));
}
