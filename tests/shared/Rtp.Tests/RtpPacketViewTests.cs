using JitsiMesh.Rtp;

namespace JitsiMesh.Rtp.Tests;

public sealed class RtpPacketViewTests
{
    // RFC 8285 section 4.2, figure 3, laid on a packet: ids 1..3 with 1, 2 and 4 bytes, padding bytes between.
    private static readonly byte[] OneByte = Bytes.Hex("90 E0 FFFF 01020304 DEADBEEF BEDE 0003 10 AA 21 BB BB 00 00 33 CC CC CC CC DE AD");

    // RFC 8285 section 4.3, figure 4: two-byte form, an empty element, a padding byte.
    private static readonly byte[] TwoByte = Bytes.Hex("90 60 0001 01020304 DEADBEEF 1003 0003 01 00 02 01 BB 00 10 04 CC CC CC CC 00 AB");

    [Fact]
    public void Parse_FixedHeader_ReadsAllFields()
    {
        Assert.True(RtpPacketView.TryParse(OneByte, out var packet));
        Assert.Equal(2, packet.Version);
        Assert.True(packet.Marker);
        Assert.Equal(96, packet.PayloadType);
        Assert.Equal(65535, packet.SequenceNumber);
        Assert.Equal(0x01020304u, packet.Timestamp);
        Assert.Equal(0xDEADBEEFu, packet.Ssrc);
        Assert.Equal(28, packet.HeaderLength);
        Assert.Equal([0xDE, 0xAD], packet.Payload.ToArray());
    }

    [Fact]
    public void Extensions_OneByteForm_YieldsElementsAndSkipsPadding()
    {
        Assert.True(RtpPacketView.TryParse(OneByte, out var packet));
        var seen = new List<(int, string)>();
        foreach (var extension in packet.Extensions) seen.Add((extension.Id, Convert.ToHexString(extension.Value)));
        Assert.Equal([(1, "AA"), (2, "BBBB"), (3, "CCCCCCCC")], seen);
    }

    [Fact]
    public void Extensions_TwoByteForm_YieldsEmptyElements()
    {
        Assert.True(RtpPacketView.TryParse(TwoByte, out var packet));
        var seen = new List<(int, string)>();
        foreach (var extension in packet.Extensions) seen.Add((extension.Id, Convert.ToHexString(extension.Value)));
        Assert.Equal([(1, ""), (2, "BB"), (16, "CCCCCCCC")], seen);
    }

    [Theory]
    [InlineData("F0 AA 10 BB")]
    [InlineData("01 AA 10 BB")]
    public void Extensions_OneByteStopIds_EndTheWalk(string block)
    {
        var data = Bytes.Hex("90 60 0001 00000000 00000001 BEDE 0001" + block);
        Assert.True(RtpPacketView.TryParse(data, out var packet));
        Assert.False(packet.Extensions.MoveNext());
    }

    [Fact]
    public void Extensions_UnknownProfile_YieldsNothing()
    {
        Assert.True(RtpPacketView.TryParse(Bytes.Hex("90 60 0001 00000000 00000001 ABCD 0001 10 AA 10 BB"), out var packet));
        Assert.Equal(0xABCD, packet.ExtensionProfile);
        Assert.False(packet.Extensions.MoveNext());
    }

    [Theory]
    [InlineData("", RtpParseError.TooShort)]
    [InlineData("80 60 0001 00000000 000000", RtpParseError.TooShort)]
    [InlineData("40 60 0001 00000000 00000001", RtpParseError.WrongVersion)]
    [InlineData("82 60 0001 00000000 00000001 00000002", RtpParseError.HeaderTruncated)]
    [InlineData("90 60 0001 00000000 00000001 BEDE", RtpParseError.HeaderTruncated)]
    [InlineData("90 60 0001 00000000 00000001 BEDE 0002 00000000", RtpParseError.HeaderTruncated)]
    [InlineData("A0 60 0001 00000000 00000001 00", RtpParseError.PaddingInvalid)]
    [InlineData("A0 60 0001 00000000 00000001 02", RtpParseError.PaddingInvalid)]
    [InlineData("A0 60 0001 00000000 00000001", RtpParseError.PaddingInvalid)]
    [InlineData("A0 60 0001 00000000 00000001 01", RtpParseError.None)]
    public void Parse_EdgeInput_GivesReason(string hex, RtpParseError expected)
    {
        // With the P bit and no payload the last byte belongs to the SSRC: 1 > 0 bytes of payload.
        Assert.Equal(expected, RtpPacketView.Parse(Bytes.Hex(hex), out _));
    }

    [Fact]
    public void Payload_WithPaddingAndCsrcs_LeavesBothOut()
    {
        Assert.True(RtpPacketView.TryParse(Bytes.Hex("A2 60 0001 00000000 00000001 0000000A 0000000B AABB 00 02"), out var packet));
        Assert.Equal(2, packet.CsrcCount);
        Assert.Equal(11u, packet.GetCsrc(1));
        Assert.Equal(2, packet.PaddingLength);
        Assert.Equal([0xAA, 0xBB], packet.Payload.ToArray());
    }

    [Fact]
    public void HeaderWriter_SetsFields_InPlace()
    {
        var data = (byte[])OneByte.Clone();
        RtpHeaderWriter.Set(data, 7, 8, 9);
        RtpHeaderWriter.SetMarker(data, false);
        RtpHeaderWriter.SetPayloadType(data, 111);
        Assert.True(RtpHeaderWriter.TryGetExtension(data, 2, out var value));
        value.Fill(0x77);
        Assert.False(RtpHeaderWriter.TryGetExtension(data, 9, out _));

        Assert.True(RtpPacketView.TryParse(data, out var packet));
        Assert.Equal((ushort)7, packet.SequenceNumber);
        Assert.Equal(8u, packet.Timestamp);
        Assert.Equal(9u, packet.Ssrc);
        Assert.False(packet.Marker);
        Assert.Equal(111, packet.PayloadType);
        Assert.True(packet.TryGetExtension(2, out var read));
        Assert.Equal([0x77, 0x77], read.ToArray());
        Assert.True(packet.TryGetExtension(3, out read));
        Assert.Equal([0xCC, 0xCC, 0xCC, 0xCC], read.ToArray());
    }

    [Fact]
    public void StripPadding_PaddedPacket_ParsesToSamePayload()
    {
        var data = Bytes.Hex("A0 60 0001 00000000 00000001 AABB 00 02");
        Assert.True(RtpPacketView.TryParse(data, out var packet));
        var length = RtpHeaderWriter.StripPadding(data, packet.PaddingLength);
        Assert.True(RtpPacketView.TryParse(data.AsSpan(0, length), out packet));
        Assert.Equal([0xAA, 0xBB], packet.Payload.ToArray());
    }
}
