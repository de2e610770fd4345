using System.Net;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Tests.Limits;

public sealed class ConnectionLimiterTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.5");

    [Fact]
    public void TryEnter_OneMoreThanAnAddressMayHave_IsRefusedUntilOneLeaves()
    {
        var limiter = new ConnectionLimiter(Settings(perAddress: 2, all: 100));

        Assert.True(limiter.TryEnter(Stranger, out _));
        Assert.True(limiter.TryEnter(Stranger, out _));
        Assert.False(limiter.TryEnter(Stranger, out var reason));
        Assert.Equal("address", reason);
        Assert.True(limiter.TryEnter(IPAddress.Parse("203.0.113.6"), out _));
        limiter.Leave(Stranger);
        Assert.True(limiter.TryEnter(Stranger, out _));
    }

    [Fact]
    public void TryEnter_OneMoreThanAll_IsRefused()
    {
        var limiter = new ConnectionLimiter(Settings(perAddress: 10, all: 1));

        Assert.True(limiter.TryEnter(Stranger, out _));
        Assert.False(limiter.TryEnter(IPAddress.Parse("203.0.113.6"), out var reason));
        Assert.Equal("all", reason);
    }

    [Theory]
    [InlineData("172.18.0.0/16", "172.18.0.2")]
    [InlineData("172.18.0.0/16", "::ffff:172.18.0.2")]
    [InlineData("fd00:1::5/128", "fd00:1::5")]
    public void TryEnter_TrustedProxy_StandsForManyPeople(string trusted, string address)
    {
        var settings = Settings(perAddress: 1, all: 100).With([KeyValuePair.Create("MESH_TRUSTED_PROXIES", (string?)trusted)]);
        var limiter = new ConnectionLimiter(settings);
        var requests = new RequestLimiter(settings);

        for (var i = 0; i < 50; i++)
        {
            Assert.True(limiter.TryEnter(IPAddress.Parse(address), out _));
            Assert.True(requests.TryEnter(IPAddress.Parse(address)));
        }
    }

    [Theory]
    [InlineData("fd00:1::5/128")]
    [InlineData("fd00:1::/128")]
    public void TryEnter_NeighbourOfATrustedProxy_IsBounded(string trusted)
    {
        var settings = Settings(perAddress: 1, all: 100).With([KeyValuePair.Create("MESH_TRUSTED_PROXIES", (string?)trusted)]);
        var limiter = new ConnectionLimiter(settings);
        var requests = new RequestLimiter(settings);
        var neighbour = IPAddress.Parse("fd00:1::6");

        Assert.True(limiter.TryEnter(neighbour, out _));
        Assert.False(limiter.TryEnter(neighbour, out _));
        for (var i = 0; i < EdgeLimits.RequestsOfConnectionLimit; i++) Assert.True(requests.TryEnter(neighbour));
        Assert.False(requests.TryEnter(neighbour));
    }

    [Theory]
    [InlineData("172.18.0.1")]
    [InlineData("10.0.0.7")]
    [InlineData("192.168.1.9")]
    [InlineData("fd00::1")]
    public void TryEnter_PrivateAddressThatNobodyNamed_IsNoTrustedProxy(string address)
    {
        var limiter = new ConnectionLimiter(Settings(perAddress: 1, all: 100));

        Assert.True(limiter.TryEnter(IPAddress.Parse(address), out _));
        Assert.False(limiter.TryEnter(IPAddress.Parse(address), out var reason));
        Assert.Equal("address", reason);
    }

    [Fact]
    public void RequestLimiter_OneMoreThanAnAddressMayHave_IsRefusedUntilOneIsOver()
    {
        var limiter = new RequestLimiter(Settings(perAddress: 2, all: 100));
        for (var i = 0; i < 2 * EdgeLimits.RequestsOfConnectionLimit; i++) Assert.True(limiter.TryEnter(Stranger));

        Assert.False(limiter.TryEnter(Stranger));
        Assert.True(limiter.TryEnter(IPAddress.Parse("203.0.113.6")));
        limiter.Leave(Stranger);
        Assert.True(limiter.TryEnter(Stranger));

        for (var i = 0; i < 2 * EdgeLimits.RequestsOfConnectionLimit; i++) limiter.Leave(Stranger);
        limiter.Leave(IPAddress.Parse("203.0.113.6"));
        Assert.Equal(0, limiter.Addresses);
    }

    [Theory]
    [InlineData("::ffff:203.0.113.5", "203.0.113.5")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("::1", "::1")]
    public void Key_EachAddress_IsThatOfItsNetwork(string address, string expected) =>
        Assert.Equal(IPAddress.Parse(expected), ClientNetwork.Of(IPAddress.Parse(address)));

    private static MeshSettings Settings(int perAddress, int all) => MeshSettings.From(new Dictionary<string, string?>
    {
        ["MESH_MAX_CONNECTIONS_PER_ADDRESS"] = FormattableString.Invariant($"{perAddress}"),
        ["MESH_MAX_CONNECTIONS"] = FormattableString.Invariant($"{all}"),
    });
}
