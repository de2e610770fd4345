namespace JitsiMesh.Turn.Tests;

public sealed class TurnFrameTests
{
    [Theory]
    [InlineData(new byte[] { 0x00, 0x03, 0x00, 0x08 }, 28)]
    [InlineData(new byte[] { 0x01, 0x01, 0x00, 0x00 }, 20)]
    [InlineData(new byte[] { 0x40, 0x00, 0x00, 0x00 }, 4)]
    [InlineData(new byte[] { 0x40, 0x00, 0x00, 0x05 }, 12)]
    [InlineData(new byte[] { 0x4F, 0xFF, 0x05, 0xDC }, 1504)]
    [InlineData(new byte[] { 0x00, 0x03, 0x00, 0x07 }, 0)]
    [InlineData(new byte[] { 0x00, 0x03, 0xFF, 0xFC }, 0)]
    [InlineData(new byte[] { 0x40, 0x00, 0xFF, 0xFF }, 0)]
    [InlineData(new byte[] { 0x50, 0x00, 0x00, 0x04 }, 0)]
    [InlineData(new byte[] { (byte)'G', (byte)'E', (byte)'T', (byte)' ' }, 0)]
    public void A_frame_says_its_length(byte[] prefix, int expected) => Assert.Equal(expected, TurnFrame.LengthOf(prefix));

    [Fact]
    public void A_stream_of_STUN_begins_as_neither_HTTP_nor_TLS_does()
    {
        Assert.All(new byte[] { 0, 1, 2, 3 }, first => Assert.True(TurnFrame.CanBegin(first)));
        Assert.All("GHPOCDT\r\n"u8.ToArray().Append((byte)0x16), first => Assert.False(TurnFrame.CanBegin(first)));
    }
}
