using System.Net;

namespace JitsiMesh.Primitives.Tests;

public sealed class ValueTests
{
    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::1")]
    [InlineData("::")]
    [InlineData("255.255.255.255")]
    public void TransportAddress_FromAndTo_IsTheSame(string text)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(text), 10000);
        Assert.Equal(endPoint, TransportAddress.From(endPoint).ToIPEndPoint());
        Assert.True(TransportAddress.TryParse(text, 10000, out var parsed));
        Assert.Equal(TransportAddress.From(endPoint), parsed);
    }

    [Fact]
    public void TransportAddress_MappedIPv4_HasOneForm() =>
        Assert.Equal(TransportAddress.From(IPAddress.Parse("192.0.2.1"), 5), TransportAddress.From(IPAddress.Parse("::ffff:192.0.2.1"), 5));

    [Theory]
    [InlineData("no.address", 1)]
    [InlineData("192.0.2.1", 65536)]
    [InlineData("192.0.2.1", -1)]
    public void TransportAddress_NoAddress_IsRefused(string text, int port) => Assert.False(TransportAddress.TryParse(text, port, out _));

    [Fact]
    public void MonotonicTime_WithSpans_Calculates()
    {
        var time = MonotonicTime.FromMilliseconds(1500);
        Assert.Equal(1.5, time.TotalSeconds);
        Assert.Equal(TimeSpan.FromMilliseconds(500), time - MonotonicTime.FromSeconds(1));
        Assert.Equal(MonotonicTime.FromSeconds(2), time + TimeSpan.FromMilliseconds(500));
        Assert.True(time < MonotonicTime.Never);
    }

    [Fact]
    public void SeededRandom_SameSeed_SameBytes_AndUuidsAreVersionFour()
    {
        var (a, b) = (new SeededRandomSource(42), new SeededRandomSource(42));
        Assert.Equal(a.NextHex(32), b.NextHex(32));
        Assert.NotEqual(a.NextUInt64(), new SeededRandomSource(43).NextUInt64());
        for (var i = 0; i < 100; i++)
        {
            var uuid = a.NextUuid();
            Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", uuid);
            Assert.InRange(a.NextInt(7), 0, 6);
            Assert.InRange(a.NextDouble(), 0, 0.9999999999999999);
        }
    }
}
