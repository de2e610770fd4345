namespace JitsiMesh.MediaBridge.Tests.Conferences;

public sealed class PacketPathTests
{
    [Fact]
    public void SteadyPath_AllocatesNothingPerPacket()
    {
        var (allocated, received, sent) = PacketPath.Measure(3);
        Assert.True(received > 75, $"{received}");
        Assert.True(sent > received, "the packets were forwarded");
        Assert.True(allocated == 0, $"{allocated} bytes for {received} packets");
    }
}
