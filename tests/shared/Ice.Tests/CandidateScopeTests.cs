using System.Net;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests;

/// <summary>What a remote may have us send checks to.</summary>
public sealed class CandidateScopeTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(1);

    [Theory]
    [InlineData("8.8.8.8:5000", true)]
    [InlineData("10.1.2.3:5000", true)]
    [InlineData("[2001:db8::1]:5000", true)]
    [InlineData("8.8.8.8:0", false)]
    [InlineData("127.0.0.1:5000", false)]
    [InlineData("127.9.9.9:5000", false)]
    [InlineData("[::1]:5000", false)]
    [InlineData("169.254.1.1:5000", false)]
    [InlineData("[fe80::1]:5000", false)]
    [InlineData("[febf::1]:5000", false)]
    [InlineData("224.0.0.251:5353", false)]
    [InlineData("239.255.255.250:1900", false)]
    [InlineData("[ff02::fb]:5353", false)]
    [InlineData("255.255.255.255:5000", false)]
    [InlineData("240.0.0.1:5000", false)]
    [InlineData("0.0.0.0:5000", false)]
    [InlineData("0.1.2.3:5000", false)]
    [InlineData("[::]:5000", false)]
    [InlineData("[::7f00:1]:5000", false)]
    [InlineData("[::ffff:127.0.0.1]:5000", false)]
    [InlineData("10.0.0.1:10000", false)]
    public void A_bridge_on_a_network_checks_hosts_on_networks_alone(string told, bool is_checked)
    {
        var agent = Agent("10.0.0.1:10000", "[2001:db8::100]:10000");
        agent.AddRemoteCandidate(Candidate.CreateHost(Address(told)), Start);
        agent.SetRemoteCredentials("client", "client-password-of-22-chars", Start);
        Assert.Equal(is_checked, agent.TryDequeueTransmit(out _));
        Assert.Equal(is_checked ? 0 : 1, agent.CandidatesRefused);
    }

    [Theory]
    [InlineData("127.0.0.1:10000", "127.0.0.1:5000", true)]
    [InlineData("[::1]:10000", "[::1]:5000", true)]
    [InlineData("169.254.7.7:10000", "169.254.1.1:5000", true)]
    [InlineData("0.0.0.0:10000", "127.0.0.1:5000", true)]
    [InlineData("127.0.0.1:10000", "127.0.0.1:10000", false)]
    [InlineData("127.0.0.1:10000", "224.0.0.1:5000", false)]
    [InlineData("169.254.7.7:10000", "127.0.0.1:5000", false)]
    public void A_scope_is_shared_where_a_socket_of_ours_is_in_it(string local, string told, bool is_checked)
    {
        var agent = Agent(local);
        agent.AddRemoteCandidate(Candidate.CreateHost(Address(told)), Start);
        agent.SetRemoteCredentials("client", "client-password-of-22-chars", Start);
        Assert.Equal(is_checked, agent.TryDequeueTransmit(out _));
    }

    [Theory]
    [InlineData(53, false)]
    [InlineData(123, false)]
    [InlineData(1023, false)]
    [InlineData(1024, true)]
    public void Ports_of_services_are_left_alone_where_the_owner_says_so(int port, bool is_checked)
    {
        var agent = new IceAgent(new IceAgentOptions { MinToldPort = 1024 }, new SeededRandomSource(1));
        agent.AddLocalCandidate(Candidate.CreateHost(Address("10.0.0.1:10000")));
        agent.AddRemoteCandidate(Candidate.CreateHost(Address("8.8.8.8:0") with { Port = (ushort)port }), Start);
        agent.SetRemoteCredentials("client", "client-password-of-22-chars", Start);
        Assert.Equal(is_checked, agent.TryDequeueTransmit(out _));
    }

    [Theory]
    [InlineData("abcd", true)]
    [InlineData("a+/9", true)]
    [InlineData("abc", false)]
    [InlineData("ab d", false)]
    [InlineData("ab:cd", false)]
    [InlineData("abcd\u00e9", false)]
    [InlineData("", false)]
    public void Ufrags_are_those_of_rfc_8839(string text, bool is_one)
    {
        Assert.Equal(is_one, IceCredentials.IsUfrag(text));
        Assert.Equal(is_one, IceCredentials.IsPassword(text.PadLeft(22, 'x')) && text.Length is >= 4);
    }

    [Fact]
    public void Credentials_end_at_256_characters()
    {
        Assert.True(IceCredentials.IsUfrag(new string('u', 256)) && IceCredentials.IsPassword(new string('p', 256)));
        Assert.False(IceCredentials.IsUfrag(new string('u', 257)) || IceCredentials.IsPassword(new string('p', 257)) || IceCredentials.IsPassword(new string('p', 21)));
    }

    private static IceAgent Agent(params string[] locals)
    {
        var agent = new IceAgent(new IceAgentOptions(), new SeededRandomSource(1));
        foreach (var local in locals) agent.AddLocalCandidate(Candidate.CreateHost(Address(local)));
        return agent;
    }

    private static TransportAddress Address(string text) => TransportAddress.From(IPEndPoint.Parse(text));
}
