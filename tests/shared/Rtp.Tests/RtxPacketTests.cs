namespace JitsiMesh.Rtp.Tests;

public sealed class RtxPacketTests
{
    private static readonly byte[] Original = Bytes.Hex("90 E4 ABCD 00001000 00000001 BEDE 0001 10 AA 00 00 01 02 03 04 05");

    [Fact]
    public void Encapsulate_MediaPacket_PutsOsnBeforePayload()
    {
        var buffer = new byte[100];
        Assert.Equal(RtxResult.Ok, RtxPacket.Encapsulate(Original, buffer, 97, 2, 9, out var length));
        Assert.Equal("90E1000900001000" + "00000002" + "BEDE0001" + "10AA0000" + "ABCD" + "0102030405", Convert.ToHexString(buffer.AsSpan(0, length)));
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var packet));
        Assert.True(RtxPacket.TryReadOriginalSequenceNumber(packet, out var osn));
        Assert.Equal(0xABCD, osn);
    }

    [Fact]
    public void Decapsulate_WhatWasEncapsulated_GivesTheOriginal()
    {
        var buffer = new byte[100];
        RtxPacket.Encapsulate(Original, buffer, 97, 2, 9, out var length);
        Assert.Equal(RtxResult.Ok, RtxPacket.Decapsulate(buffer, length, 100, 1, out var plain));
        Assert.Equal(Convert.ToHexString(Original), Convert.ToHexString(buffer.AsSpan(0, plain)));
    }

    [Theory]
    [InlineData("80 61 0001 00000000 00000002", RtxResult.PaddingOnly)]
    [InlineData("80 61 0001 00000000 00000002 01", RtxResult.PaddingOnly)]
    [InlineData("A0 61 0001 00000000 00000002 00 00 03", RtxResult.PaddingOnly)]
    [InlineData("A0 61 0001 00000000 00000002 00 00 04", RtxResult.Malformed)]
    [InlineData("80 61", RtxResult.Malformed)]
    [InlineData("80 61 0001 00000000 00000002 00 05", RtxResult.Ok)]
    public void Decapsulate_EdgeInput_GivesReason(string hex, RtxResult expected)
    {
        var data = Bytes.Hex(hex);
        Assert.Equal(expected, RtxPacket.Decapsulate(data, data.Length, 96, 1, out _));
    }

    [Fact]
    public void Encapsulate_SmallDestination_IsRefused()
    {
        Assert.Equal(RtxResult.NoSpace, RtxPacket.Encapsulate(Original, new byte[Original.Length + 1], 97, 2, 9, out _));
    }
}
