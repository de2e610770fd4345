using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Xmpp.Tests;

public sealed class SaslTests
{
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
}
