using System.Buffers.Binary;
using JitsiMesh.Ice.Tcp;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Tcp;

/// <summary>RFC 4571 and the pretended handshake of ssltcp.</summary>
public sealed class FrameReaderTests
{
    private const int MaxFrame = 2048;

    [Theory]
    [InlineData(FrameStart.Plain, "")]
    [InlineData(FrameStart.PerhapsClientHello, "")]
    [InlineData(FrameStart.PerhapsClientHello, "client")]
    [InlineData(FrameStart.ServerHello, "server")]
    public void Frames_come_out_as_they_went_in_however_the_stream_is_cut(FrameStart start, string hello)
    {
        var random = new SeededRandomSource(NetworkSeed.Of(71));
        for (var run = 0; run < 200; run++)
        {
            var frames = Enumerable.Range(0, 1 + random.NextInt(20)).Select(_ => Bytes(random, random.NextInt(8) == 0 ? MaxFrame : random.NextInt(300))).ToList();
            byte[] stream = [.. hello == "client" ? SslTcpHandshake.ClientHello : hello == "server" ? SslTcpHandshake.ServerHello : default, .. frames.SelectMany(Framed)];
            var reader = new FrameReader(MaxFrame, start);
            Assert.Equal(frames, ReadAll(reader, stream, random, out var last).Where(f => f is not null)!);
            Assert.Equal(FrameRead.Incomplete, last);
            Assert.Equal(hello.Length > 0, reader.IsSslTcp);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", FrameRead.TooLong)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", FrameRead.TooLong)]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001", FrameRead.TooLong)]
    public void What_is_no_media_is_seen_by_its_first_bytes(string text, FrameRead read)
    {
        var reader = new FrameReader(MaxFrame, FrameStart.PerhapsClientHello);
        Assert.Empty(ReadAll(reader, [.. text.Select(c => (byte)c)], null, out var last));
        Assert.Equal(read, last);

        // It stays so, whatever follows.
        Assert.Empty(ReadAll(reader, [0, 1, 7], null, out last));
        Assert.Equal(read, last);
    }

    [Fact]
    public void A_hello_that_goes_on_otherwise_ends_the_stream()
    {
        for (var at = 1; at < SslTcpHandshake.ClientHello.Length; at++)
        {
            var bytes = SslTcpHandshake.ClientHello.ToArray();
            bytes[at] ^= 1;
            ReadAll(new FrameReader(MaxFrame, FrameStart.PerhapsClientHello), bytes, null, out var last);
            Assert.Equal(FrameRead.BadHello, last);
        }

        ReadAll(new FrameReader(MaxFrame, FrameStart.ServerHello), [0x16, 0x03, 0x03], null, out var wrong);
        Assert.Equal(FrameRead.BadHello, wrong);
    }

    [Fact]
    public void The_hellos_are_the_ones_that_browsers_send_and_take()
    {
        Assert.Equal(72, SslTcpHandshake.ClientHello.Length);
        Assert.Equal(79, SslTcpHandshake.ServerHello.Length);

        // SSL 2: two bytes of length with the highest bit set, of what follows.
        Assert.Equal(0x8000 + SslTcpHandshake.ClientHello.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(SslTcpHandshake.ClientHello));
        Assert.Equal(SslTcpHandshake.ServerHello.Length - 5, BinaryPrimitives.ReadUInt16BigEndian(SslTcpHandshake.ServerHello[3..]));
        Assert.Equal(SslTcpHandshake.ServerHello.Length - 9, SslTcpHandshake.ServerHello[8]);
    }

    [Fact]
    public void Changed_streams_give_frames_or_end_and_never_throw()
    {
        var random = new SeededRandomSource(NetworkSeed.Of(72));
        for (var run = 0; run < 20_000; run++)
        {
            byte[] stream = [.. random.NextInt(2) == 0 ? SslTcpHandshake.ClientHello : default, .. Framed(Bytes(random, random.NextInt(100))), .. Framed(Bytes(random, random.NextInt(40)))];
            for (var i = random.NextInt(4); i >= 0; i--) stream[random.NextInt(stream.Length)] = (byte)random.NextInt(256);
            var frames = ReadAll(new FrameReader(64, FrameStart.PerhapsClientHello), stream[..random.NextInt(stream.Length + 1)], random, out _);
            Assert.All(frames, f => Assert.True(f is null || f.Length <= 64));
        }
    }

    private static byte[] Framed(byte[] frame) => [(byte)(frame.Length >> 8), (byte)frame.Length, .. frame];

    private static byte[] Bytes(IRandomSource random, int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    /// <summary>Every frame; null for a hello.</summary>
    private static List<byte[]?> ReadAll(FrameReader reader, byte[] stream, IRandomSource? random, out FrameRead last)
    {
        var frames = new List<byte[]?>();
        last = FrameRead.Incomplete;
        for (var at = 0; at < stream.Length && last == FrameRead.Incomplete;)
        {
            Assert.False(reader.Free.IsEmpty);
            var count = Math.Min(Math.Min(reader.Free.Length, stream.Length - at), random is null ? 1 : 1 + random.NextInt(random.NextInt(4) == 0 ? 3000 : 30));
            stream.AsMemory(at, count).CopyTo(reader.Free);
            reader.Added(count);
            at += count;
            while ((last = reader.TryRead(out var frame)) is FrameRead.Frame or FrameRead.Hello) frames.Add(last == FrameRead.Hello ? null : frame.ToArray());
        }

        return frames;
    }
}
