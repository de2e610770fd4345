using FsCheck.Xunit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests;

public sealed class RtcpTests
{
    // SR with one block, then SDES CNAME "ab", then BYE with a reason.
    private static readonly byte[] Compound = Bytes.Hex("""
        81 C8 000C 00000001 E5A1B2C3 80000000 00010000 0000000A 00000100
        00000002 40 FFFFFE 0001FFFF 00000010 B2C38000 00010000
        81 CA 0003 00000001 01 02 6162 00000000
        81 CB 0002 00000001 02 6279 00
        """);

    [Fact]
    public void Compound_ThreePackets_AreReadInOrder()
    {
        var kinds = new List<RtcpKind>();
        foreach (var packet in new RtcpCompound(Compound)) kinds.Add(packet.Kind);
        Assert.Equal([RtcpKind.SenderReport, RtcpKind.SourceDescription, RtcpKind.Bye], kinds);
        Assert.Equal(RtcpParseError.None, RtcpCompound.Validate(Compound));
    }

    [Fact]
    public void SenderReport_Fields_AreReadWithSignedLoss()
    {
        var walk = new RtcpCompound(Compound);
        Assert.True(walk.MoveNext());
        Assert.True(SenderReportView.TryParse(walk.Current, out var report));
        Assert.Equal(1u, report.Ssrc);
        Assert.Equal(new SenderInfo(new NtpTime(0xE5A1B2C380000000), 0x10000, 10, 256), report.Info);
        Assert.Equal(1, report.Blocks.Count);
        Assert.Equal(new ReportBlock(2, 0x40, -2, 0x1FFFF, 16, 0xB2C38000, 0x10000), report.Blocks[0]);

        Assert.True(walk.MoveNext());
        var items = new SdesItems(walk.Current);
        Assert.True(items.MoveNext());
        Assert.Equal("ab", System.Text.Encoding.UTF8.GetString(items.Current.Text));
        Assert.False(items.MoveNext());

        Assert.True(walk.MoveNext());
        Assert.True(ByeView.TryParse(walk.Current, out var bye));
        Assert.Equal(1u, bye[0]);
        Assert.Equal("by", System.Text.Encoding.UTF8.GetString(bye.Reason));
    }

    [Theory]
    [InlineData("80 C9 00", RtcpParseError.TooShort)]
    [InlineData("", RtcpParseError.TooShort)]
    [InlineData("40 C9 0001 00000001", RtcpParseError.WrongVersion)]
    [InlineData("80 C9 0002 00000001", RtcpParseError.LengthExceedsData)]
    [InlineData("A0 C9 0001 00000000", RtcpParseError.PaddingInvalid)]
    [InlineData("A0 C9 0001 00000005", RtcpParseError.PaddingInvalid)]
    [InlineData("A0 C9 0002 00000001 00000004", RtcpParseError.None)]
    public void Validate_EdgeInput_GivesReason(string hex, RtcpParseError expected) => Assert.Equal(expected, RtcpCompound.Validate(Bytes.Hex(hex)));

    [Fact]
    public void Compound_MoreThanTheBound_EndsWithReason()
    {
        var data = Enumerable.Repeat(Bytes.Hex("80 C9 0001 00000001"), RtpLimits.MaxPacketsInCompound + 1).SelectMany(b => b).ToArray();
        Assert.Equal(RtcpParseError.TooManyPackets, RtcpCompound.Validate(data));
    }

    [Fact]
    public void Written_reports_are_read_back()
    {
        var block = new ReportBlock(5, 12, -3, 0x10002, 33, 44, 55);
        var buffer = new byte[512];
        var writer = new RtcpWriter(buffer);
        Assert.True(writer.TryWriteSenderReport(1, new SenderInfo(new NtpTime(77), 1, 2, 3), [block]));
        Assert.True(writer.TryWriteReceiverReport(2, [block, block]));
        Assert.True(writer.TryWriteCname(2, "jitsi"u8));
        Assert.True(writer.TryWriteRaw(Bytes.Hex("82 CB 0004 00000001 00000002 04676F6E 65000000")));
        Assert.True(writer.TryWriteReceiverReferenceTime(2, new NtpTime(0x0102030405060708)));
        Assert.True(writer.TryWriteDlrr(3, [new DlrrEntry(9, 8, 7), new DlrrEntry(6, 5, 4)]));
        Assert.Equal(RtcpParseError.None, RtcpCompound.Validate(writer.Written));

        var walk = new RtcpCompound(writer.Written);
        walk.MoveNext();
        Assert.True(SenderReportView.TryParse(walk.Current, out var sender));
        Assert.Equal(block, sender.Blocks[0]);
        walk.MoveNext();
        Assert.True(ReceiverReportView.TryParse(walk.Current, out var receiver));
        Assert.Equal(2u, receiver.Ssrc);
        Assert.Equal(block, receiver.Blocks[1]);
        walk.MoveNext();
        var items = new SdesItems(walk.Current);
        Assert.True(items.MoveNext());
        Assert.Equal((2u, "jitsi"), (items.Current.Ssrc, System.Text.Encoding.UTF8.GetString(items.Current.Text)));
        walk.MoveNext();
        Assert.True(ByeView.TryParse(walk.Current, out var bye));
        Assert.Equal((2, 2u), (bye.Count, bye[1]));
        walk.MoveNext();
        var blocks = new XrBlocks(walk.Current);
        Assert.True(blocks.MoveNext());
        Assert.True(blocks.Current.TryReadReferenceTime(out var time));
        Assert.Equal(0x0102030405060708ul, time.Value);
        walk.MoveNext();
        blocks = new XrBlocks(walk.Current);
        Assert.True(blocks.MoveNext());
        Assert.Equal(2, blocks.Current.DlrrCount);
        Assert.Equal(new DlrrEntry(6, 5, 4), blocks.Current.GetDlrr(1));
        Assert.False(walk.MoveNext());
    }

    [Fact]
    public void Pli_and_fir_have_the_bytes_of_their_rfcs()
    {
        var buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        Assert.True(writer.TryWritePli(1, 2));
        Assert.Equal("81CE0002" + "00000001" + "00000002", Convert.ToHexString(writer.Written));
        Assert.True(writer.TryWriteRaw(Bytes.Hex("84CE0004 00000001 00000000 00000003 09000000")));

        var walk = new RtcpCompound(writer.Written);
        walk.MoveNext();
        Assert.Equal((RtcpKind.Pli, 1u, 2u), (walk.Current.Kind, walk.Current.SenderSsrc, walk.Current.MediaSsrc));
        walk.MoveNext();
        var entries = new FirEntries(walk.Current);
        Assert.Equal(1, entries.Count);
        Assert.Equal(new FirEntry(3, 9), entries[0]);
    }

    [Theory]
    [InlineData(new ushort[] { 10 }, 1)]
    [InlineData(new ushort[] { 10, 11, 26 }, 1)]
    [InlineData(new ushort[] { 10, 27 }, 2)]
    [InlineData(new ushort[] { 65534, 65535, 0, 1 }, 1)]
    [InlineData(new ushort[] { 65530, 20, 21 }, 2)]
    public void Nack_Numbers_ShareEntries(ushort[] missing, int entries)
    {
        var buffer = new byte[128];
        var writer = new RtcpWriter(buffer);
        Assert.Equal(missing.Length, writer.WriteNack(1, 2, missing));
        Assert.Equal(12 + (4 * entries), writer.Position);
        Assert.Equal(missing, Read(writer.Written));
    }

    [Fact]
    public void Nack_FullDatagram_TellsHowManyWereTaken()
    {
        var buffer = new byte[16];
        var writer = new RtcpWriter(buffer);
        Assert.Equal(2, writer.WriteNack(1, 2, [1, 2, 1000]));
        Assert.Equal(16, writer.Position);
        Assert.Equal(0, writer.WriteNack(1, 2, [1000]));
    }

    [Property(MaxTest = 200)]
    public void Nack_read_gives_what_was_written(ushort start, byte[] steps)
    {
        var missing = new List<ushort>();
        var at = start;
        foreach (var step in steps.Take(60))
        {
            missing.Add(at);
            at += (ushort)(step + 1);
        }

        var buffer = new byte[1024];
        var writer = new RtcpWriter(buffer);
        Assert.Equal(missing.Count, writer.WriteNack(1, 2, missing.ToArray()));
        if (missing.Count > 0) Assert.Equal(missing, Read(writer.Written));
    }

    [Theory]
    [InlineData("00000000", 0)]
    [InlineData("0003FFFF", 262143)]
    [InlineData("00060000", 262144)]
    [InlineData("000BD090", 1_000_000)]
    [InlineData("003E540B", 4_999_970_816)]
    public void Remb_Bitrate_IsMantissaTimesPowerOfTwo(string rate, long expected)
    {
        var data = Bytes.Hex($"8F CE 0006 00000001 00000000 52454D42 02{rate[2..]} 00000007 00000008");
        Assert.True(RembView.TryParse(Bytes.Single(data), out var remb));
        Assert.Equal(expected, remb.Bitrate.BitsPerSecond);
        Assert.Equal((2, 8u), (remb.SsrcCount, remb.GetSsrc(1)));
    }

    [Fact]
    public void Remb_HugeExponent_Saturates()
    {
        var data = Bytes.Hex("8F CE 0004 00000001 00000000 52454D42 00FFFFFF");
        Assert.True(RembView.TryParse(Bytes.Single(data), out var remb));
        Assert.Equal(long.MaxValue, remb.Bitrate.BitsPerSecond);
    }

    [Fact]
    public void Writer_FullDestination_WritesNothing()
    {
        var writer = new RtcpWriter(new byte[11]);
        Assert.False(writer.TryWritePli(1, 2));
        Assert.False(writer.TryWriteCname(1, "abc"u8));
        Assert.Equal(0, writer.Position);
    }

    private static List<ushort> Read(ReadOnlySpan<byte> data)
    {
        var seen = new List<ushort>();
        foreach (var number in new NackedSequenceNumbers(Bytes.Single(data))) seen.Add(number);
        return seen;
    }
}
