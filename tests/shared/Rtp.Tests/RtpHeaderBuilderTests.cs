using FsCheck.Xunit;

namespace JitsiMesh.Rtp.Tests;

public sealed class RtpHeaderBuilderTests
{
    [Fact]
    public void Finish_WithoutElements_IsTheFixedHeader()
    {
        var buffer = new byte[64];
        var builder = RtpHeaderBuilder.New(buffer, 96, true, 1, 2, 3);
        Assert.Equal(12, builder.Finish());
        Assert.Equal("80E000010000000200000003", Convert.ToHexString(buffer.AsSpan(0, 12)));
    }

    [Fact]
    public void Finish_SmallElements_UsesOneByteForm()
    {
        var buffer = new byte[64];
        var builder = RtpHeaderBuilder.New(buffer, 96, false, 1, 2, 3);
        Assert.True(builder.TryAdd(5, [0x12, 0x34]));
        Assert.True(builder.TryAdd(1, [0xFF]));
        Assert.Equal(24, builder.Finish());
        Assert.Equal("BEDE0002" + "511234" + "10FF" + "000000", Convert.ToHexString(buffer.AsSpan(12, 12)));
    }

    [Fact]
    public void TryAdd_BigIdAfterSmall_WidensWhatStands()
    {
        var buffer = new byte[64];
        var builder = RtpHeaderBuilder.New(buffer, 96, false, 1, 2, 3);
        Assert.True(builder.TryAdd(5, [0x12, 0x34]));
        Assert.True(builder.TryAdd(15, [0xFF]));
        Assert.Equal(RtpExtensionForm.TwoByte, builder.Form);
        Assert.Equal(24, builder.Finish());
        Assert.Equal("10000002" + "05021234" + "0F01FF" + "00", Convert.ToHexString(buffer.AsSpan(12, 12)));
    }

    [Fact]
    public void From_PacketWithExtensionsAndCsrcs_KeepsCsrcsOnly()
    {
        var source = Bytes.Hex("91 E0 0005 00000001 00000002 0000000A BEDE 0001 10 AA 0000 DEAD");
        Assert.True(RtpPacketView.TryParse(source, out var packet));
        var buffer = new byte[64];
        var builder = RtpHeaderBuilder.From(packet, buffer);
        var length = builder.Finish();
        Assert.Equal("81E000050000000100000002" + "0000000A", Convert.ToHexString(buffer.AsSpan(0, length)));
    }

    [Fact]
    public void TryAdd_WhatDoesNotFit_LeavesHeaderUsable()
    {
        var buffer = new byte[24];
        var builder = RtpHeaderBuilder.New(buffer, 96, false, 1, 2, 3);
        Assert.True(builder.TryAdd(1, [1, 2, 3]));
        Assert.False(builder.TryAdd(2, new byte[6]));
        Assert.False(builder.TryAdd(0, [1]));
        Assert.False(builder.TryAdd(256, [1]));
        Assert.Equal(20, builder.Finish());
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, 20), out _));
    }

    [Property(MaxTest = 300)]
    public void What_is_added_is_read_back_in_order((byte Id, byte[] Value)[] elements)
    {
        var buffer = new byte[2048];
        var builder = RtpHeaderBuilder.New(buffer, 96, false, 1, 2, 3);
        var expected = new List<(int, string)>();
        foreach (var (id, value) in elements)
        {
            if (builder.TryAdd(id, value)) expected.Add((id, Convert.ToHexString(value)));
            else Assert.True(id == 0 || value.Length > 255);
        }

        var length = builder.Finish();
        Assert.Equal(0, length % 4);
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var packet));
        var seen = new List<(int, string)>();
        foreach (var extension in packet.Extensions) seen.Add((extension.Id, Convert.ToHexString(extension.Value)));
        Assert.Equal(expected, seen);
    }
}
