using FsCheck.Xunit;

namespace JitsiMesh.Primitives.Tests;

public sealed class SpanReaderTests
{
    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Span<byte> buffer = stackalloc byte[64];
        var writer = new SpanWriter(buffer);
        writer.WriteByte(0xAB);
        writer.WriteUInt16(0x1234);
        writer.WriteUInt24(0x56789A);
        writer.WriteUInt32(0xDEADBEEF);
        writer.WriteUInt64(0x0102030405060708);
        writer.WriteBytes([1, 2, 3]);
        writer.WriteZeroes(2);
        var reader = new SpanReader(writer.Written);
        Assert.Equal(0xAB, reader.ReadByte());
        Assert.Equal(0x1234, reader.ReadUInt16());
        Assert.Equal(0x56789Au, reader.ReadUInt24());
        Assert.Equal(0xDEADBEEFu, reader.ReadUInt32());
        Assert.Equal(0x0102030405060708ul, reader.ReadUInt64());
        Assert.Equal([1, 2, 3, 0, 0], reader.ReadBytes(5).ToArray());
        Assert.Equal(0, reader.Remaining);
        Assert.False(reader.Failed);
    }

    [Fact]
    public void Read_PastTheEnd_FailsForGoodAndGivesZero()
    {
        var reader = new SpanReader([1, 2, 3]);
        Assert.Equal(0u, reader.ReadUInt32());
        Assert.True(reader.Failed);
        Assert.Equal(0, reader.ReadByte());
        Assert.Equal(0, reader.Remaining);
    }

    [Property]
    public bool ReadBytes_OfAnyLength_NeverThrows(byte[] data, int count)
    {
        var reader = new SpanReader(data);
        var read = reader.ReadBytes(count);
        return count >= 0 && count <= data.Length ? read.Length == count && !reader.Failed : read.IsEmpty && reader.Failed;
    }

    [Fact]
    public void Write_PastTheEnd_Throws() => Assert.ThrowsAny<ArgumentException>(() =>
    {
        var writer = new SpanWriter(new byte[3]);
        writer.WriteUInt32(1);
    });
}
