using System.Formats.Asn1;
using JitsiMesh.Auth.Ldap.Logins;
using JitsiMesh.Auth.Ldap.Protocol;

namespace JitsiMesh.Auth.Tests.Ldap;

public sealed class LdapProtocolTests
{
    [Theory]
    [InlineData("uid=anna", "A30B0403756964" + "0404616E6E61")]
    [InlineData("(uid=a*)", "A40A0403756964" + "3003800161")]
    [InlineData("(uid=*)", "8703756964")]
    [InlineData("(!(uid=*))", "A2058703756964")]
    [InlineData(@"(uid=\2a\28)", "A3090403756964" + "04022A28")]
    [InlineData("(uid:=x)", "A908820375696483" + "0178")]
    [InlineData("(member:1.2.3:=x)", "A9128105312E322E3382066D656D62657283" + "0178")]
    public void Filters_are_written_as_RFC_4511_has_them(string text, string expected)
    {
        Assert.True(LdapFilter.TryParse(text, out var filter));
        var writer = new AsnWriter(AsnEncodingRules.BER);
        filter.Write(writer);

        Assert.Equal(expected, Convert.ToHexString(writer.Encode()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("()")]
    [InlineData("(uid)")]
    [InlineData("(uid=a")]
    [InlineData("(uid=a))")]
    [InlineData("(uid=a)(cn=b)")]
    [InlineData("(&)")]
    [InlineData(@"(uid=\2)")]
    [InlineData("(u id=a)")]
    [InlineData("(uid=a**b)")]
    [InlineData("(:=a)")]
    public void What_is_no_filter_is_refused(string text) => Assert.False(LdapFilter.TryParse(text, out _));

    [Fact]
    public void A_filter_that_nests_without_end_is_refused() => Assert.False(LdapFilter.TryParse(string.Concat(Enumerable.Repeat("(!", 1000)) + "(a=b)" + new string(')', 1000), out _));

    [Theory]
    [InlineData("CN=Hosts, OU=Groups,DC=corp", "cn=hosts,ou=groups,dc=corp", true)]
    [InlineData(@"CN=a\,b,DC=corp", @"cn=a\2Cb,dc=corp", true)]
    [InlineData(@"CN=\C3\84,DC=corp", "cn=ä,dc=corp", true)]
    [InlineData(@"CN=a\,b,DC=corp", "cn=a,b,dc=corp", false)]
    [InlineData("cn=two words,dc=x", "cn = two words , dc = x", true)]
    [InlineData("cn=hosts,dc=x", "cn=hosts2,dc=x", false)]
    public void Names_are_compared_by_what_they_mean(string one, string other, bool equal) => Assert.Equal(equal, LdapText.ComparableName(one) == LdapText.ComparableName(other));

    [Theory]
    [InlineData("a,b+c", @"a\,b\+c")]
    [InlineData(" a ", @"\ a\ ")]
    [InlineData("#a\0", @"\#a\00")]
    public void A_value_in_a_name_is_never_syntax(string value, string expected) => Assert.Equal(expected, LdapText.EscapeForName(value));

    [Theory]
    [InlineData("80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 52e, v4563", null)]
    [InlineData("80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 775, v4563", "the account is locked")]
    [InlineData("80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 533, v4563", "the account is disabled")]
    [InlineData("", null)]
    public void Active_Directory_says_in_its_text_what_was_wrong(string diagnostic, string? expected) => Assert.Equal(expected, AccountState.Of(diagnostic));

    [Theory]
    [InlineData("{CRYPT}ab/dummy", "x")]
    [InlineData("{CRYPT}$6$rounds=999999999$abcdefgh$x", "geheim")]
    [InlineData("{CRYPT}*0", "*0")]
    [InlineData("{MD5}", "")]
    [InlineData("{MD5}!", "!")]
    [InlineData("{SSHA}AAAA", "AAAA")]
    [InlineData("{ARGON2}secret", "secret")]
    [InlineData("{ARGON2}secret", "{ARGON2}secret")]
    [InlineData("", "")]
    public void A_stored_value_that_is_not_understood_is_nobodys_password(string stored, string password) =>
        Assert.False(StoredPassword.Matches(System.Text.Encoding.UTF8.GetBytes(stored), password));

    [Fact]
    public void The_systems_crypt_knows_the_old_form_too() => Assert.True(UnixCrypt.IsAvailable && UnixCrypt.Matches("abOkmxXhjDb.Y", "geheim") && !UnixCrypt.Matches("abOkmxXhjDb.Y", "geheimer"));

    [Fact]
    public void Values_of_any_number_of_octets_are_measured()
    {
        Assert.True(LdapDecoder.TryMeasure([0x30, 0x84, 0, 0, 1, 0], out var length));
        Assert.Equal(262, length);
        Assert.True(LdapDecoder.TryMeasure([0x30, 0x84, 0, 0], out length));
        Assert.Equal(0, length);
        Assert.False(LdapDecoder.TryMeasure([0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], out _));
        Assert.False(LdapDecoder.TryMeasure([0x30, 0x80], out _));
        Assert.False(LdapDecoder.TryMeasure([0x48, 0x54], out _));
    }
}
