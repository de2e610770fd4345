using System.Buffers.Binary;
using System.Diagnostics;

namespace JitsiMesh.Rtp;

/// <summary>
/// Builds a header with a chosen set of extension elements into a span, in order: fixed part, elements, <see cref="Finish"/>. It starts in the
/// one-byte form and converts the elements to the two-byte form when an element needs it (id above 14, no bytes, more than 16 bytes).
/// </summary>
public ref struct RtpHeaderBuilder
{
    private readonly Span<byte> _destination;
    private readonly int _blockStart;
    private int _position;
    private RtpExtensionForm _form;

    private RtpHeaderBuilder(Span<byte> destination, int fixedLength)
    {
        _destination = destination;
        _blockStart = fixedLength + 4;
        _position = _blockStart;
        _form = RtpExtensionForm.None;
    }

    /// <summary>The form of the elements written so far.</summary>
    public readonly RtpExtensionForm Form => _form;

    /// <summary>Starts with the fixed header and the CSRCs of another packet; its extensions are not copied, its padding bit is.</summary>
    public static RtpHeaderBuilder From(scoped in RtpPacketView source, Span<byte> destination)
    {
        var length = RtpLimits.FixedHeaderLength + (4 * source.CsrcCount);
        source.Data[..length].CopyTo(destination);
        destination[0] &= 0xEF;
        return new RtpHeaderBuilder(destination, length);
    }

    public static RtpHeaderBuilder New(Span<byte> destination, byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc) =>
        new(destination, RtpHeaderWriter.WriteFixed(destination, payloadType, marker, sequenceNumber, timestamp, ssrc));

    /// <summary>False when the id is not 1..255, the value is longer than 255 bytes, or the destination or <see cref="RtpLimits.MaxExtensionBytes"/> is full.</summary>
    public bool TryAdd(int id, scoped ReadOnlySpan<byte> value)
    {
        if (!TryReserve(id, value.Length, out var space)) return false;
        value.CopyTo(space);
        return true;
    }

    /// <summary>The same as <see cref="TryAdd"/>, with zeroes to be filled in. The space moves if a later element forces the two-byte form: fill it at once.</summary>
    public bool TryReserve(int id, int length, out Span<byte> space)
    {
        space = default;
        if (id is < 1 or > 255 || length is < 0 or > 255) return false;
        var wanted = _form == RtpExtensionForm.TwoByte || !RtpExtensionForms.FitsOneByte(id, length) ? RtpExtensionForm.TwoByte : RtpExtensionForm.OneByte;
        if (_form == RtpExtensionForm.OneByte && wanted == RtpExtensionForm.TwoByte && !TryWiden()) return false;

        var head = wanted == RtpExtensionForm.OneByte ? 1 : 2;
        if (!Fits(head + length)) return false;
        _form = wanted;
        if (head == 1)
        {
            _destination[_position] = (byte)((id << 4) | (length - 1));
        }
        else
        {
            _destination[_position] = (byte)id;
            _destination[_position + 1] = (byte)length;
        }

        space = _destination.Slice(_position + head, length);
        space.Clear();
        _position += head + length;
        return true;
    }

    /// <summary>Pads the extension block to whole words.</summary>
    /// <returns>The length of the header: the payload follows there.</returns>
    public int Finish()
    {
        if (_form == RtpExtensionForm.None) return _blockStart - 4;

        while ((_position - _blockStart) % 4 != 0) _destination[_position++] = 0;
        _destination[0] |= 0x10;
        BinaryPrimitives.WriteUInt16BigEndian(_destination[(_blockStart - 4)..], _form == RtpExtensionForm.OneByte ? RtpExtensionForms.OneByteProfile : RtpExtensionForms.TwoByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[(_blockStart - 2)..], (ushort)((_position - _blockStart) / 4));
        Debug.Assert(RtpPacketView.ParseHeader(_destination[.._position], out _) == RtpParseError.None);
        return _position;
    }

    // Three bytes are reserved so that Finish can always pad to whole words.
    private readonly bool Fits(int more) =>
        _position + more + 3 <= _destination.Length && _position - _blockStart + more <= RtpLimits.MaxExtensionBytes;

    private bool TryWiden()
    {
        Span<byte> copy = stackalloc byte[RtpLimits.MaxExtensionBytes];
        var old = _destination[_blockStart.._position];
        old.CopyTo(copy);
        var count = 0;
        foreach (var _ in new RtpExtensionEnumerator(RtpExtensionForms.OneByteProfile, old)) count++;
        if (!Fits(count)) return false;

        var position = _blockStart;
        foreach (var extension in new RtpExtensionEnumerator(RtpExtensionForms.OneByteProfile, copy[..old.Length]))
        {
            _destination[position++] = (byte)extension.Id;
            _destination[position++] = (byte)extension.Value.Length;
            extension.Value.CopyTo(_destination[position..]);
            position += extension.Value.Length;
        }

        _position = position;
        _form = RtpExtensionForm.TwoByte;
        return true;
    }
}
