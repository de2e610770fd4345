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
}
