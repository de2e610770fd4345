using System.Net;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class AdvertisedAddressRulesTests
{
    [Theory]
    // What the page's name resolves to | what the bridge offers | verdict
    [InlineData("127.0.0.1", "127.0.0.1:10000", CheckState.Ok)]
    [InlineData("127.0.0.1", "172.18.0.5:10000", CheckState.Ok)]
    [InlineData("192.168.1.20", "192.168.1.20:10000", CheckState.Ok)]
    [InlineData("192.168.1.20", "127.0.0.1:10000", CheckState.Failed)]
    [InlineData("192.168.1.20", "172.18.0.5:10000 127.0.0.1:10000", CheckState.Failed)]
    [InlineData("192.168.1.20", "172.18.0.5:10000 192.168.1.21:10000", CheckState.Ok)]
    [InlineData("172.20.1.2", "172.18.0.5:10000", CheckState.Ok)]
    [InlineData("203.0.113.5", "203.0.113.5:10000 172.18.0.5:10000", CheckState.Ok)]
    [InlineData("203.0.113.5", "172.18.0.5:10000", CheckState.Failed)]
    [InlineData("203.0.113.5", "127.0.0.1:10000", CheckState.Failed)]
    [InlineData("203.0.113.5", "100.64.3.4:10000", CheckState.Failed)]
    [InlineData("203.0.113.5", "198.51.100.7:10000", CheckState.Warning)]
    [InlineData("203.0.113.5", "", CheckState.Failed)]
    public void Whoever_reaches_the_page_must_reach_the_media(string page, string offered, CheckState expected)
    {
        var candidates = offered.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPEndPoint.Parse).ToList();
        var result = AdvertisedAddressRules.Judge(candidates, "meet.example.org", [IPAddress.Parse(page)]);
        Assert.Equal(expected, result.State);
        if (expected != CheckState.Ok) Assert.Contains("JVB_ADVERTISE_IPS", result.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Loopback_behind_a_public_name_is_said_in_so_many_words()
    {
        var result = AdvertisedAddressRules.Judge([IPEndPoint.Parse("127.0.0.1:10000")], "meet.example.org", [IPAddress.Parse("203.0.113.5")]);
        Assert.Contains("only loopback is offered", result.Seen, StringComparison.Ordinal);
        Assert.Contains("for instance 203.0.113.5", result.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3", "private")]
    [InlineData("172.17.0.2", "private, a container's?")]
    [InlineData("172.32.0.2", "public")]
    [InlineData("169.254.1.1", "private")]
    [InlineData("fd00::2", "private")]
    [InlineData("fe80::1", "private")]
    [InlineData("2001:db8::1", "public")]
    [InlineData("::1", "loopback")]
    [InlineData("::ffff:10.1.2.3", "private")]
    public void Addresses_are_told_apart(string address, string expected) => Assert.Equal(expected, AddressKinds.Describe(IPAddress.Parse(address)));
}
