using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Sending;

/// <summary>Collects chunks into one packet of at most <see cref="SctpLimits.MaxPacket"/> bytes.</summary>
internal sealed class PacketBuilder
{
    private readonly byte[] _buffer = new byte[SctpLimits.MaxPacket];
    private int _length;

    internal int Space => _buffer.Length - _length;

    internal bool IsEmpty => _length == PacketHeader.Length;

    internal bool HasData { get; private set; }

    internal void Begin()
    {
        _length = PacketHeader.Length;
        HasData = false;
    }

    internal bool TryAdd(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length > Space) return false;
        chunk.CopyTo(_buffer.AsSpan(_length));
        _length += chunk.Length;
        return true;
    }

    internal void Add(OutgoingChunk chunk)
    {
        var message = chunk.Message;
        var data = new DataChunk
        {
            Flags = (byte)((chunk.IsBegin ? DataChunk.BeginFlag : 0) | (chunk.IsEnd ? DataChunk.EndFlag : 0) | (message.IsUnordered ? DataChunk.UnorderedFlag : 0)),
            Tsn = chunk.Tsn,
            StreamId = message.StreamId,
            Ssn = message.Ssn,
            Ppid = message.Ppid,
            Data = message.Data.AsSpan(chunk.Offset, chunk.Length),
        };
        _length += data.Write(_buffer.AsSpan(_length));
        HasData = true;
    }

    internal byte[] Finish(PacketHeader header)
    {
        var packet = _buffer.AsSpan(0, _length);
        header.Seal(packet);
        return packet.ToArray();
    }
}
