using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Xmpp.Tests;

public sealed class SaslTests
{
    // RFC 5802 section 5.
    private const string ClientFirst = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL";
    private const string ServerNonce = "3rfcNHYJY1ZVvWVs7j";
    private const string ServerFirst = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    private const string ClientFinal = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    private const string ServerFinal = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

    private static ScramCredentials Pencil => ScramCredentials.FromPassword("pencil", Convert.FromBase64String("QSXCR+Q6sek8bf92"), 4096);

    [Fact]
    public void Rfc5802_5_TheExampleExchange()
    {
        var server = new ScramSha1Server();
        Assert.True(server.TryReadFirst(Base64(ClientFirst)));
        Assert.Equal("user", server.Username);
        Assert.Equal(ServerFirst, Text(server.Challenge(Pencil, ServerNonce)));
        Assert.True(server.TryFinish(Base64(ClientFinal), out var success));
        Assert.Equal(ServerFinal, Text(success));
        Assert.Equal(ScramState.Succeeded, server.State);
    }

    [Theory]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=w0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7k,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=eSws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")]
    [InlineData("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j")]
    [InlineData("")]
    public void TryFinish_WrongProofNonceOrBinding_Fails(string final)
    {
        var server = new ScramSha1Server();
        Assert.True(server.TryReadFirst(Base64(ClientFirst)));
        server.Challenge(Pencil, ServerNonce);
        Assert.False(server.TryFinish(Base64(final), out _));
        Assert.Equal(ScramState.Failed, server.State);
        Assert.False(server.TryFinish(Base64(ClientFinal), out _));
    }

    [Theory]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("n,,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,")]
    [InlineData("")]
    public void TryReadFirst_Bad_Fails(string first) => Assert.False(new ScramSha1Server().TryReadFirst(Base64(first)));

    [Fact]
    public void TryReadFirst_EscapedName_IsUnescaped()
    {
        var server = new ScramSha1Server();
        Assert.True(server.TryReadFirst(Base64("n,,n=a=2Cb=3Dc,r=abc")));
        Assert.Equal("a,b=c", server.Username);
    }

    [Theory]
    [InlineData("\0tim\0tanstaaftanstaaf", "", "tim", "tanstaaftanstaaf")]
    [InlineData("Ursel\0Kurt\0xipj3plmq", "Ursel", "Kurt", "xipj3plmq")]
    public void Rfc4616_4_Examples(string message, string authzid, string authcid, string password)
    {
        Assert.True(SaslPlain.TryParse(Base64(message), out var plain));
        Assert.Equal((authzid, authcid, password), (plain.AuthorizationId, plain.Username, plain.Password));
        Assert.DoesNotContain(password, plain.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tim\0pw")]
    [InlineData("\0\0pw")]
    [InlineData("\0tim\0")]
    [InlineData("\0tim\0pw\0x")]
    public void TryParse_BadPlain_Fails(string message) => Assert.False(SaslPlain.TryParse(Base64(message), out _));

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AHRp bQBw")]
    [InlineData("=")]
    public void TryParse_NoBase64_Fails(string text) => Assert.False(SaslPlain.TryParse(text, out _));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
