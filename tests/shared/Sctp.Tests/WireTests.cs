using FsCheck.Xunit;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests;

public sealed class WireTests
{
    public static TheoryData<byte[], uint> Rfc3720Vectors => new()
    {
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
        { Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5C },
        { Convert.FromHexString("01C000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000"), 0xD9963A56 },
        { "123456789"u8.ToArray(), 0xE3069283 },
    };

    [Theory]
    [MemberData(nameof(Rfc3720Vectors))]
    public void Crc32c_of_rfc_3720_appendix_b4(byte[] data, uint expected) => Assert.Equal(expected, Crc32c.Compute(data));

    [Fact]
    public void ComputePacket_TreatsTheChecksumFieldAsZero()
    {
        var packet = Enumerable.Range(0, 41).Select(i => (byte)i).ToArray();
        var zeroed = (byte[])packet.Clone();
        zeroed.AsSpan(8, 4).Clear();
        Assert.Equal(Crc32c.Compute(zeroed), Crc32c.ComputePacket(packet));
    }

    [Fact]
    public void Init_NamesTheExtensionsThatBrowsersLookFor()
    {
        var init = new InitChunk { InitiateTag = 0x01020304, ReceiverWindow = 0x100000, OutboundStreams = 1024, InboundStreams = 1024, InitialTsn = 5, SupportsForwardTsn = true, SupportsReconfig = true };
        var bytes = init.Format(ChunkType.Init);
        Assert.Equal("0100001E" + "01020304" + "00100000" + "04000400" + "00000005" + "C0000004" + "8008000682C00000", Convert.ToHexString(bytes));
    }

    /// <summary>The INIT of usrsctp in a browser, and a COOKIE ACK with a SACK, as captured in webrtc's net/dcsctp/packet/sctp_packet_test.cc.</summary>
    [Fact]
    public void Captured_packets_are_read_with_their_checksums()
    {
        var init = Convert.FromHexString(
            "1388138800000000AA019D330100005A0EDDCA080002000003E803E85508363780000004C000000480080009C00FC1808200000080020024"
            + "C5A86155090E6F420050634CC8D6B908DFD53E17C99CB143284EAF64682AC29780040006000100008003000680C10000");
        Assert.True(PacketHeader.HasValidChecksum(init));
        Assert.Equal(new PacketHeader(5000, 5000, 0), PacketHeader.Read(init));
        var reader = new ChunkReader(init.AsSpan(12));
        Assert.True(reader.TryRead(out var chunk));
        Assert.True(InitChunk.TryParse(chunk, out var parsed));
        Assert.Equal(0x0EDDCA08u, parsed.InitiateTag);
        Assert.Equal(131072u, parsed.ReceiverWindow);
        Assert.Equal(1426601527u, parsed.InitialTsn);
        Assert.True(parsed.SupportsForwardTsn);
        Assert.True(parsed.SupportsReconfig);
        Assert.Empty(parsed.Unrecognized);
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Failed);

        var acknowledgement = Convert.FromHexString("04D210E1697E3A4EC06E8B360B00000403000010AEA952520002000000000000");
        Assert.True(PacketHeader.HasValidChecksum(acknowledgement));
        reader = new ChunkReader(acknowledgement.AsSpan(12));
        Assert.True(reader.TryRead(out chunk));
        Assert.Equal(ChunkType.CookieAck, chunk.ChunkType);
        Assert.True(reader.TryRead(out chunk));
        Assert.True(SackChunk.TryParse(chunk, out var sack));
        Assert.Equal(2930332242u, sack.CumulativeTsn);
        Assert.Equal(131072u, sack.ReceiverWindow);
    }

    [Fact]
    public void Open_IsLaidOutAsRfc8832Says()
    {
        var bytes = DcepMessage.FormatOpen(new DataChannelOptions { Label = "ab", Protocol = "c", Ordered = false, MaxRetransmits = 3 });
        Assert.Equal("0381" + "0000" + "00000003" + "0002" + "0001" + "6162" + "63", Convert.ToHexString(bytes));
    }

    [Property]
    public bool Data_parse_of_format_is_identity(byte flags, uint tsn, ushort stream, ushort ssn, uint ppid, byte[] data)
    {
        if (data.Length == 0) data = [1];
        var buffer = new byte[ChunkWriter.Padded(DataChunk.HeaderLength + data.Length)];
        var written = new DataChunk { Flags = (byte)(flags & 15), Tsn = tsn, StreamId = stream, Ssn = ssn, Ppid = ppid, Data = data }.Write(buffer);
        var reader = new ChunkReader(buffer);
        return written == buffer.Length && reader.TryRead(out var chunk) && DataChunk.TryParse(chunk, out var parsed)
            && parsed.Flags == (flags & 15) && parsed.Tsn == tsn && parsed.StreamId == stream && parsed.Ssn == ssn && parsed.Ppid == ppid
            && parsed.Data.SequenceEqual(data) && !reader.TryRead(out _) && !reader.Failed;
    }

    [Property]
    public bool Sack_parse_of_format_is_identity(uint tsn, uint window, ushort[] gaps, uint[] duplicates)
    {
        var blocks = gaps.Select(g => (g, (ushort)(g + 1))).ToArray();
        var reader = new ChunkReader(SackChunk.Format(tsn, window, blocks, duplicates));
        if (!reader.TryRead(out var chunk) || !SackChunk.TryParse(chunk, out var sack)) return false;
        if (sack.CumulativeTsn != tsn || sack.ReceiverWindow != window || sack.GapCount != blocks.Length || sack.DuplicateCount != duplicates.Length) return false;
        for (var i = 0; i < blocks.Length; i++)
        {
            if (sack.Gap(i) != blocks[i]) return false;
        }

        for (var i = 0; i < duplicates.Length; i++)
        {
            if (sack.Duplicate(i) != duplicates[i]) return false;
        }

        return true;
    }

    [Property]
    public bool Init_parse_of_format_is_identity(uint tag, uint window, ushort streams, uint tsn, bool forward, bool reconfig, byte[]? cookie)
    {
        var init = new InitChunk
        {
            InitiateTag = tag,
            ReceiverWindow = window,
            OutboundStreams = streams,
            InboundStreams = (ushort)~streams,
            InitialTsn = tsn,
            SupportsForwardTsn = forward,
            SupportsReconfig = reconfig,
            StateCookie = cookie,
        };
        var reader = new ChunkReader(init.Format(ChunkType.InitAck));
        return reader.TryRead(out var chunk) && InitChunk.TryParse(chunk, out var parsed) && !reader.TryRead(out _)
            && (cookie is null ? parsed.StateCookie is null : parsed.StateCookie!.AsSpan().SequenceEqual(cookie))
            && parsed with { StateCookie = null, Unrecognized = init.Unrecognized } == init with { StateCookie = null };
    }

    [Property]
    public bool Reset_request_parse_of_format_is_identity(uint number, uint response, uint tsn, ushort[] streams)
    {
        var reader = new ChunkReader(new OutgoingResetRequest(number, response, tsn, streams).FormatChunk());
        if (!reader.TryRead(out var chunk)) return false;
        var parameters = new ChunkReader(chunk.Value);
        return parameters.TryRead(out var parameter) && OutgoingResetRequest.TryParse(parameter.Value, out var parsed)
            && (parsed.RequestNumber, parsed.ResponseNumber, parsed.LastTsn) == (number, response, tsn) && parsed.Streams.AsSpan().SequenceEqual(streams);
    }

    [Property]
    public bool Open_parse_of_format_is_identity(string? label, string? protocol, bool ordered, ushort parameter, byte kind)
    {
        var options = new DataChannelOptions
        {
            Label = Clean(label),
            Protocol = Clean(protocol),
            Ordered = ordered,
            MaxRetransmits = kind % 3 == 1 ? parameter : null,
            MaxLifetime = kind % 3 == 2 ? TimeSpan.FromMilliseconds(parameter) : null,
        };
        return DcepMessage.TryParseOpen(DcepMessage.FormatOpen(options), out var parsed) && parsed == options;
    }

    /// <summary>Lone surrogates have no UTF-8 form.</summary>
    private static string Clean(string? text) => new((text ?? "").Where(c => !char.IsSurrogate(c)).ToArray());
}
