using System.Buffers.Binary;

namespace JitsiMesh.Dtls.Tests;

/// <summary>Chromium's ClientHello with a post-quantum key share is 1413 bytes, sent as fragments of 1175 and 238 bytes in two datagrams.</summary>
public sealed class FragmentedClientHelloTests
{
    [Theory]
    [InlineData("1 2")]
    [InlineData("2 1")]
    [InlineData("1 1 2 2")]
    [InlineData("2 2 1 1")]
    [InlineData("2 1 2 1")]
    public void A_client_hello_in_two_fragments_is_put_together_in_any_order(string order)
    {
        using var pair = new DtlsPair();
        var fragmented = 0;
        pair.Tamper = (toServer, datagram) =>
        {
            if (!toServer || datagram[0] != 22 || datagram[13] != 1) return [datagram];
            fragmented++;
            var parts = Split(datagram, (datagram.Length - 25) * 5 / 6);
            return order.Split(' ').Select(part => parts[part[0] - '1']);
        };
        pair.Trust().Start().Run(TimeSpan.FromSeconds(31), pair.BothConnected);
        Assert.True(pair.BothConnected(), pair.Describe());
        Assert.Equal(1, fragmented);
        Assert.Equal(0, pair.Server.Counters.Retransmissions);
    }

    [Fact]
    public void A_lost_fragment_comes_with_the_next_copy()
    {
        using var pair = new DtlsPair();
        var seen = 0;
        pair.Tamper = (toServer, datagram) =>
        {
            if (!toServer || datagram[0] != 22 || datagram[13] != 1) return [datagram];
            var parts = Split(datagram, 90);
            return seen++ == 0 ? [parts[1]] : [parts[0]];
        };
        pair.Trust().Start().Run(TimeSpan.FromSeconds(31), pair.BothConnected);
        Assert.True(pair.BothConnected(), pair.Describe());
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void Two_hundred_of_two_hundred_handshakes_succeed_with_it(double loss)
    {
        var connected = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            using var pair = new DtlsPair(seed) { Loss = loss };
            pair.Tamper = (toServer, datagram) => toServer && datagram[0] == 22 && datagram[13] == 1 ? Split(datagram, (datagram.Length - 25) * 5 / 6) : [datagram];
            pair.Trust().Start().Run(TimeSpan.FromSeconds(31), pair.BothConnected);
            if (pair.BothConnected()) connected++;
        }

        Assert.Equal(200, connected);
    }

    /// <summary>One record with one whole handshake message becomes two records with a fragment each (RFC 6347 section 4.2.3).</summary>
    private static byte[][] Split(byte[] datagram, int firstLength)
    {
        var body = datagram.AsSpan(25);
        return [Fragment(datagram, body[..firstLength], 0, 0), Fragment(datagram, body[firstLength..], firstLength, 1)];
    }

    private static byte[] Fragment(byte[] whole, ReadOnlySpan<byte> part, int offset, byte sequenceStep)
    {
        var result = new byte[25 + part.Length];
        whole.AsSpan(0, 25).CopyTo(result);
        result[10] += (byte)(sequenceStep * 3); // a record number of its own: the client's copies of this flight have the next six
        BinaryPrimitives.WriteUInt16BigEndian(result.AsSpan(11), (ushort)(12 + part.Length));
        WriteUInt24(result.AsSpan(19), offset);
        WriteUInt24(result.AsSpan(22), part.Length);
        part.CopyTo(result.AsSpan(25));
        return result;
    }

    private static void WriteUInt24(Span<byte> span, int value)
    {
        span[0] = (byte)(value >> 16);
        span[1] = (byte)(value >> 8);
        span[2] = (byte)value;
    }
}
