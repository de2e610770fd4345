using System.Buffers.Binary;
using System.Text;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Stun;

/// <summary>
/// Writes a STUN message into a span, attribute by attribute; the length field is correct after each. MESSAGE-INTEGRITY is written before
/// FINGERPRINT, and both last. A buffer that is too small is a bug of the caller and throws.
/// </summary>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;

    public StunWriter(Span<byte> buffer, StunClass messageClass, StunMethod method, StunTransactionId transactionId)
    {
        _buffer = buffer;
        var m = (int)method;
        var type = (m & 0x000F) | ((m & 0x0070) << 1) | ((m & 0x0F80) << 2) | (((int)messageClass & 1) << 4) | (((int)messageClass & 2) << 7);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transactionId.Write(buffer[8..]);
        Length = StunMessage.HeaderSize;
        WriteLength();
    }

    /// <summary>Bytes of the message so far.</summary>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void AddBytes(StunAttribute type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Add(type, value.Length));

    public void AddText(StunAttribute type, string value) => Encoding.UTF8.GetBytes(value, Add(type, Encoding.UTF8.GetByteCount(value)));

    public void AddPriority(uint priority) => BinaryPrimitives.WriteUInt32BigEndian(Add(StunAttribute.Priority, 4), priority);

    public void AddUseCandidate() => Add(StunAttribute.UseCandidate, 0);

    /// <param name="type"><see cref="StunAttribute.IceControlling"/> or <see cref="StunAttribute.IceControlled"/>.</param>
    /// <param name="tieBreaker">RFC 8445 section 16.1.</param>
    public void AddTieBreaker(StunAttribute type, ulong tieBreaker) => BinaryPrimitives.WriteUInt64BigEndian(Add(type, 8), tieBreaker);

    public void AddXorMappedAddress(TransportAddress address) => AddXorAddress(StunAttribute.XorMappedAddress, address);

    /// <summary>Adds an address encoded like XOR-MAPPED-ADDRESS.</summary>
    public void AddXorAddress(StunAttribute type, TransportAddress address)
    {
        Span<byte> value = stackalloc byte[StunAddress.MaxSize];
        var length = StunAddress.WriteXor(value, _buffer.Slice(4, 16), address);
        AddBytes(type, value[..length]);
    }

    public void AddNumber(StunAttribute type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Add(type, 4), value);

    /// <param name="code">300 to 699.</param>
    /// <param name="reason">Human-readable; ASCII.</param>
    public void AddErrorCode(int code, string reason)
    {
        var value = Add(StunAttribute.ErrorCode, 4 + reason.Length);
        value[0] = 0;
        value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        Encoding.ASCII.GetBytes(reason, value[4..]);
    }

    public void AddUnknownAttributes(scoped ReadOnlySpan<ushort> types)
    {
        var value = Add(StunAttribute.UnknownAttributes, types.Length * 2);
        for (var i = 0; i < types.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(value[(i * 2)..], types[i]);
    }

    public void AddMessageIntegrity(scoped ReadOnlySpan<byte> key)
    {
        var offset = Length;
        StunIntegrity.Compute(_buffer, offset, key, Add(StunAttribute.MessageIntegrity, StunIntegrity.Size));
    }

    public void AddFingerprint()
    {
        var offset = Length;
        var value = Add(StunAttribute.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunFingerprint.Compute(_buffer[..offset]));
    }

    private Span<byte> Add(StunAttribute type, int length)
    {
        var attribute = _buffer.Slice(Length, 4 + StunMessage.Padded(length));
        BinaryPrimitives.WriteUInt16BigEndian(attribute, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)length);
        attribute[(4 + length)..].Clear();
        Length += attribute.Length;
        WriteLength();
        return attribute.Slice(4, length);
    }

    private readonly void WriteLength() => BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(Length - StunMessage.HeaderSize));
}
