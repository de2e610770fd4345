using System.Net;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Discovery;
using JitsiMesh.MediaBridge.Tests.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Control;

public sealed class MediaAddressesTests
{
    [Theory]
    // Advertised | private ones too | what the relay is told by a bridge at 172.18.0.5: offered>inner
    [InlineData("", true, "172.18.0.5:10000")]
    [InlineData("", false, "")]
    [InlineData("203.0.113.5", false, "203.0.113.5:10000>172.18.0.5:10000")]
    [InlineData("203.0.113.5", true, "172.18.0.5:10000 203.0.113.5:10000")]
    [InlineData("172.18.0.5", false, "172.18.0.5:10000")]
    public void The_relay_is_told_what_clients_are_offered_and_what_is_behind_it_when_they_are_not(string advertised, bool showPrivate, string told)
    {
        var options = new MediaBridgeOptions
        {
            AdvertiseAddresses = [.. advertised.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => new AdvertisedAddress(IPAddress.Parse(a), 0))],
            AdvertisePrivateCandidates = showPrivate,
        };
        using var container = new FakePort(TransportAddress.From(IPEndPoint.Parse("172.18.0.5:10000")));
        var media = MediaAddresses.Of(new LocalCandidates(options, [container]));
        Assert.Equal(told, string.Join(' ', media.Select(m => m.Inner.Length == 0 ? m.Address : $"{m.Address}>{m.Inner}")));
    }
}
