using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Xmpp.Tests;

public sealed class ScramTests
{
    // RFC 5802 section 5.
    private static readonly Exchange Rfc5802 = new(ScramHash.Sha1, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");

    // RFC 7677 section 3.
    private static readonly Exchange Rfc7677 = new(ScramHash.Sha256, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "W22ZaJ0SNY7soEsUEjb6gQ==",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");

    [Fact]
    public void Rfc5802_5_TheExampleExchange() => Rfc5802.Check();

    [Fact]
    public void Rfc7677_3_TheExampleExchange() => Rfc7677.Check();

    [Theory]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=w0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7k,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=eSws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,x=1,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Tt=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+ HI4Ts=")]
    [InlineData(",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("")]
    public void A_wrong_proof_nonce_or_binding_fails(string final)
    {
        Assert.True(ScramServer.TryReadFirst(Bytes(Rfc5802.ClientFirst), out var first));
        var challenge = ScramServer.Challenge(ScramHash.Sha1, first, Rfc5802.Keys.Salt, 4096, Rfc5802.ServerNonce);
        Assert.False(ScramServer.TryFinish(Bytes(final), challenge.State, Rfc5802.Keys, out var success));
        Assert.Empty(success);
    }

    [Fact]
    public void The_proof_of_another_exchange_or_hash_fails()
    {
        Assert.True(ScramServer.TryReadFirst(Bytes(Rfc5802.ClientFirst), out var first));
        var other = ScramServer.Challenge(ScramHash.Sha1, first, Rfc5802.Keys.Salt, 4096, "another");
        Assert.False(ScramServer.TryFinish(Bytes(Rfc5802.ClientFinal), other.State, Rfc5802.Keys, out _));

        var challenge = ScramServer.Challenge(ScramHash.Sha1, first, Rfc5802.Keys.Salt, 4096, Rfc5802.ServerNonce);
        Assert.False(ScramServer.TryReadState(ScramHash.Sha256, challenge.State, out _));
        Assert.False(ScramServer.TryFinish(Bytes(Rfc5802.ClientFinal), challenge.State, Rfc7677.Keys, out _));
        Assert.False(ScramServer.TryFinish(Bytes(Rfc5802.ClientFinal), [], Rfc5802.Keys, out _));
    }

    [Fact]
    public void The_state_says_whose_exchange_it_is()
    {
        Assert.True(ScramServer.TryReadFirst(Bytes("y,a=boss,n=a=2Cb=3Dc,r=abc,x=y"), out var first));
        Assert.Equal(("a,b=c", "boss", "y,a=boss,", "abc"), (first.Username, first.AuthorizationId, first.Gs2Header, first.Nonce));
        var challenge = ScramServer.Challenge(ScramHash.Sha256, first, [1, 2, 3], 10_000, "def");
        Assert.Equal("r=abcdef,s=AQID,i=10000", Encoding.UTF8.GetString(challenge.Message));
        Assert.True(ScramServer.TryReadState(ScramHash.Sha256, challenge.State, out var again));
        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    [InlineData("n,,m=must,n=user,r=abc")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("n,,n=user=2,r=abc")]
    [InlineData("n,user,n=user,r=abc")]
    [InlineData("n,a=,n=user,r=abc")]
    [InlineData("n,,r=abc")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,n=user,r=a b")]
    [InlineData("n,,n=us\ner,r=abc")]
    [InlineData("n,,n=us\0er,r=abc")]
    [InlineData("n,")]
    [InlineData("")]
    public void A_first_message_that_is_none_is_refused(string first) => Assert.False(ScramServer.TryReadFirst(Bytes(first), out _));

    [Fact]
    public void A_first_message_that_is_too_long_or_no_utf8_is_refused()
    {
        Assert.False(ScramServer.TryReadFirst(Bytes("n,,n=user,r=" + new string('a', XmppLimits.SaslMessageOctets)), out _));
        Assert.False(ScramServer.TryReadFirst([.. Bytes("n,,n=us"), 0xC3, .. Bytes(",r=abc")], out _));
    }

    [Fact]
    public void Credentials_know_their_password_and_print_none_of_their_keys()
    {
        foreach (var hash in ScramHash.All)
        {
            var keys = ScramCredentials.FromPassword(hash, "pencil", [1, 2, 3, 4], 4096);
            Assert.True(keys.IsOf("pencil"));
            Assert.False(keys.IsOf("Pencil"));
            Assert.Equal(hash.Octets, keys.StoredKey.Length);
            Assert.Same(hash, ScramHash.OfMechanism(hash.Mechanism));
            Assert.Equal($"{hash.Mechanism} credentials", keys.ToString());
        }

        Assert.Null(ScramHash.OfMechanism("SCRAM-SHA-512"));
    }

    // RFC 4013 section 3, and characters that RFC 3454 maps.
    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("p\u00E4ss w\u00F6rd \u20AC", "p\u00E4ss w\u00F6rd \u20AC")]
    [InlineData("pa\u0308ss", "p\u00E4ss")]
    public void Rfc4013_3_WhatIsPrepared(string text, string expected)
    {
        Assert.True(SaslPrep.TryPrepare(text, out var prepared));
        Assert.Equal(expected, prepared);
    }

    [Theory]
    [InlineData("\u0007")]
    [InlineData("a\0b")]
    [InlineData("a\u007Fb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u2028b")]
    [InlineData("a\uE000b")]
    [InlineData("a\uFFFEb")]
    [InlineData("a\uFDD0b")]
    [InlineData("a\uD800b")]
    [InlineData("a\u202Eb")]
    [InlineData("\u00AD")]
    [InlineData("")]
    public void Rfc4013_3_WhatIsRefused(string text) => Assert.False(SaslPrep.TryPrepare(text, out _));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed record Exchange(ScramHash Hash, string ClientFirst, string ServerNonce, string Salt, string ServerFirst, string ClientFinal, string ServerFinal)
    {
        public ScramCredentials Keys => ScramCredentials.FromPassword(Hash, "pencil", Convert.FromBase64String(Salt), 4096);

        public void Check()
        {
            Assert.True(ScramServer.TryReadFirst(Bytes(ClientFirst), out var first));
            Assert.Equal("user", first.Username);
            var challenge = ScramServer.Challenge(Hash, first, Keys.Salt, Keys.Iterations, ServerNonce);
            Assert.Equal(ServerFirst, Encoding.UTF8.GetString(challenge.Message));
            Assert.True(ScramServer.TryReadState(Hash, challenge.State, out var again));
            Assert.Equal("user", again.Username);
            Assert.True(ScramServer.TryFinish(Bytes(ClientFinal), challenge.State, Keys, out var success));
            Assert.Equal(ServerFinal, Encoding.UTF8.GetString(success));
        }
    }
}
