using System.Security.Cryptography;

namespace JitsiMesh.Dtls.Tests;

public sealed class FingerprintTests
{
    private static readonly byte[] Der = "a certificate, for all that hashing cares"u8.ToArray();

    private static string Colons(byte[] digest) => BitConverter.ToString(digest).Replace('-', ':');

    [Fact]
    public void Matches_EachKnownHash_InAnyLetterCase()
    {
        Assert.True(new Fingerprint("sha-1", Colons(SHA1.HashData(Der))).Matches(Der));
        Assert.True(new Fingerprint("SHA-256", Colons(SHA256.HashData(Der)).ToLowerInvariant()).Matches(Der));
        Assert.True(new Fingerprint("sha-384", Colons(SHA384.HashData(Der))).Matches(Der));
        Assert.True(new Fingerprint("Sha-512", Colons(SHA512.HashData(Der))).Matches(Der));
        Assert.False(new Fingerprint("sha-512", Colons(SHA256.HashData(Der))).Matches(Der));
        Assert.False(new Fingerprint("md5", Colons(MD5.HashData(Der))).Matches(Der));
        Assert.False(default(Fingerprint).Matches(Der));
    }

    [Fact]
    public void Check_StrongestListedIsWrong_AWeakerOneDoesNotHelp()
    {
        Fingerprint[] list = [new("sha-256", Colons(SHA256.HashData(Der))), new("sha-512", "00:00")];
        Assert.Equal(FingerprintVerdict.Mismatch, FingerprintCheck.Check(list, Der));
    }

    [Fact]
    public void Check_TwoOfTheSameStrength_OneSuffices()
    {
        Fingerprint[] list = [new("sha-256", "00:00"), new("sha-256", Colons(SHA256.HashData(Der)))];
        Assert.Equal(FingerprintVerdict.Match, FingerprintCheck.Check(list, Der));
        Assert.Equal(FingerprintVerdict.Unsupported, FingerprintCheck.Check([], Der));
    }

    [Fact]
    public void Create_GivesTheFormThatSignallingCarries() =>
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", DtlsPair.ServerCertificate.Fingerprint);

    [Theory]
    [InlineData("sha-256", 32, true)]
    [InlineData("SHA-256", 32, true)]
    [InlineData("sha-256", 31, false)]
    [InlineData("sha-256", 64, false)]
    [InlineData("sha-512", 64, true)]
    [InlineData("sha-1", 20, true)]
    [InlineData("md5", 16, true)]
    [InlineData("other", 64, true)]
    [InlineData("other", 65, false)]
    [InlineData("", 32, false)]
    [InlineData("sha 256", 32, false)]
    [InlineData("sha-256\n", 32, false)]
    [InlineData("a-name-that-no-hash-function-ever-had", 32, false)]
    public void IsWellFormed_IsANameAndAsManyPairsAsItGives(string hash, int bytes, bool well) =>
        Assert.Equal(well, new Fingerprint(hash, Colons(new byte[bytes])).IsWellFormed);

    [Theory]
    [InlineData("")]
    [InlineData("AB")]
    [InlineData("AB:CD:")]
    [InlineData("AB-CD")]
    [InlineData("AB:C")]
    [InlineData("AB:CG")]
    public void IsWellFormed_OtherText_IsNone(string value) => Assert.Equal(value == "AB", new Fingerprint("other", value).IsWellFormed);
}
