using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Wire;

/// <summary>RFC 6525 section 4.4: the result of a re-configuration.</summary>
internal enum ReconfigResult : uint
{
    NothingToDo = 0,
    Performed = 1,
    Denied = 2,
    WrongSsn = 3,
    RequestInProgress = 4,
    BadSequenceNumber = 5,
    InProgress = 6,
}

/// <summary>
/// <code>
///  type = 13 | length
///  request sequence number (32)
///  response sequence number (32)
///  sender's last assigned TSN (32)
///  stream number (16) ...                               RFC 6525 section 4.1
/// </code>
/// </summary>
internal sealed record OutgoingResetRequest(uint RequestNumber, uint ResponseNumber, uint LastTsn, ushort[] Streams)
{
    internal const ushort ParameterType = 13;

    internal static bool TryParse(ReadOnlySpan<byte> value, out OutgoingResetRequest request)
    {
        request = null!;
        if (value.Length < 12 || value.Length % 2 != 0) return false;
        var reader = new SpanReader(value);
        var (number, response, tsn) = (reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32());
        var streams = new ushort[reader.Remaining / 2];
        for (var i = 0; i < streams.Length; i++) streams[i] = reader.ReadUInt16();
        request = new OutgoingResetRequest(number, response, tsn, streams);
        return true;
    }

    internal byte[] FormatChunk()
    {
        var value = new byte[12 + (2 * Streams.Length)];
        var writer = new SpanWriter(value);
        writer.WriteUInt32(RequestNumber);
        writer.WriteUInt32(ResponseNumber);
        writer.WriteUInt32(LastTsn);
        foreach (var stream in Streams) writer.WriteUInt16(stream);
        var parameter = ChunkWriter.Parameter(ParameterType, value);
        return ChunkWriter.Chunk(ChunkType.Reconfig, 0, parameter.AsSpan(0, 4 + value.Length));
    }
}

/// <summary>
/// <code>
///  type = 16 | length
///  response sequence number (32)
///  result (32)                                          RFC 6525 section 4.4
/// </code>
/// </summary>
internal readonly record struct ReconfigResponse(uint ResponseNumber, ReconfigResult Result)
{
    internal const ushort ParameterType = 16;

    internal static bool TryParse(ReadOnlySpan<byte> value, out ReconfigResponse response)
    {
        var reader = new SpanReader(value);
        response = new ReconfigResponse(reader.ReadUInt32(), (ReconfigResult)reader.ReadUInt32());
        return !reader.Failed;
    }

    internal byte[] FormatChunk()
    {
        Span<byte> value = stackalloc byte[8];
        var writer = new SpanWriter(value);
        writer.WriteUInt32(ResponseNumber);
        writer.WriteUInt32((uint)Result);
        return ChunkWriter.Chunk(ChunkType.Reconfig, 0, ChunkWriter.Parameter(ParameterType, value));
    }
}
