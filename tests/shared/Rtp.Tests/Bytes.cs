namespace JitsiMesh.Rtp.Tests;

internal static class Bytes
{
    /// <summary>Bytes from hexadecimal digits; white space is ignored.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));

    public static RtcpPacketView Single(ReadOnlySpan<byte> data)
    {
        var walk = new RtcpCompound(data);
        Assert.True(walk.MoveNext());
        var packet = walk.Current;
        Assert.False(walk.MoveNext());
        Assert.Equal(RtcpParseError.None, walk.Error);
        return packet;
    }
}
