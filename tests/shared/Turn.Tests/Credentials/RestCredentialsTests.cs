using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Ice.Tests.Stun;
using JitsiMesh.Turn.Credentials;

namespace JitsiMesh.Turn.Tests.Credentials;

public sealed class RestCredentialsTests
{
    /// <summary>RFC 5769 section 2.4: the user name in Katakana, the realm example.org, the password TheMatrIX once prepared.</summary>
    [Fact]
    public void The_key_of_the_long_term_mechanism_verifies_the_sample_of_RFC_5769()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.LongTermRequest, out var message));
        Assert.True(message.TryGetAttribute(StunAttribute.Username, out var username));
        Assert.True(message.TryGetAttribute(StunAttribute.Realm, out var realm));
        var key = new byte[RestCredentials.KeySize];
        RestCredentials.LongTermKey(username, realm, "TheMatrIX"u8, key);
        Assert.True(message.VerifyMessageIntegrity(key));
        RestCredentials.LongTermKey(username, realm, "thematrix"u8, key);
        Assert.False(message.VerifyMessageIntegrity(key));
    }

    /// <summary>Computed with: printf %s NAME | openssl dgst -sha1 -hmac SECRET -binary | base64.</summary>
    [Fact]
    public void A_password_is_the_HMAC_of_the_name()
    {
        var expires = DateTimeOffset.FromUnixTimeSeconds(1787648400);
        Assert.Equal("1787648400", RestCredentials.Username(expires, ""));
        Assert.Equal("1787648400:ann", RestCredentials.Username(expires, "ann"));
        Assert.Equal("eqiOIQ+lB61uVfJ4fKXXN5Q+RYg=", RestCredentials.Password("secret", "1787648400"));
    }

    [Theory]
    [InlineData("1000:ann", 999, TurnRefusal.None)]
    [InlineData("1000:ann", 1000, TurnRefusal.None)]
    [InlineData("1000", 1000, TurnRefusal.None)]
    [InlineData("1000:", 1000, TurnRefusal.None)]
    [InlineData("1000:ann", 1001, TurnRefusal.Expired)]
    [InlineData("0:ann", 1001, TurnRefusal.Expired)]
    [InlineData("-5000:ann", 1, TurnRefusal.Credentials)]
    [InlineData("ann:1000", 1, TurnRefusal.Credentials)]
    [InlineData("1000ann", 1, TurnRefusal.Credentials)]
    [InlineData("99999999999999999999999:ann", 1, TurnRefusal.Credentials)]
    [InlineData("", 1, TurnRefusal.Credentials)]
    public void A_name_holds_until_its_time(string name, long now, TurnRefusal expected) =>
        Assert.Equal(expected, RestCredentials.TryGetKey("secret"u8, Encoding.UTF8.GetBytes(name), "mesh"u8, now, new byte[RestCredentials.KeySize]));

    [Fact]
    public void A_name_that_is_too_long_is_none() =>
        Assert.Equal(TurnRefusal.Credentials, RestCredentials.TryGetKey("secret"u8, Encoding.UTF8.GetBytes("1000:" + new string('a', TurnLimits.UsernameOctets)), "mesh"u8, 1, new byte[RestCredentials.KeySize]));

    [Fact]
    public void A_session_has_one_user_that_says_nothing_of_it()
    {
        var user = RestCredentials.UserOf("secret", "ann@meet.jitsi/1");
        Assert.Equal(user, RestCredentials.UserOf("secret", "ann@meet.jitsi/1"));
        Assert.NotEqual(user, RestCredentials.UserOf("secret", "ann@meet.jitsi/2"));
        Assert.NotEqual(user, RestCredentials.UserOf("other", "ann@meet.jitsi/1"));
        Assert.Matches("^[0-9a-f]{16}$", user);
    }
}
