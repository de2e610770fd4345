namespace JitsiMesh.Rtp;

/// <summary>One header extension element: its local id and its bytes.</summary>
public readonly ref struct RtpExtension(int id, int offset, ReadOnlySpan<byte> value)
{
    public int Id { get; } = id;

    /// <summary>The offset of the value in the extension block.</summary>
    public int Offset { get; } = offset;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>Iterates over an RFC 8285 extension block in the one-byte (0xBEDE) or two-byte (0x100x) form. An element that does not fit ends the iteration.</summary>
public ref struct RtpExtensionEnumerator
{
    private readonly ReadOnlySpan<byte> _block;
    private readonly RtpExtensionForm _form;
    private int _position;

    public RtpExtensionEnumerator(ushort profile, ReadOnlySpan<byte> block)
    {
        _block = block;
        _form = RtpExtensionForms.FromProfile(profile);
    }

    public RtpExtension Current { get; private set; }

    public readonly RtpExtensionEnumerator GetEnumerator() => this;

    public bool MoveNext() => _form switch
    {
        RtpExtensionForm.OneByte => MoveNextOneByte(),
        RtpExtensionForm.TwoByte => MoveNextTwoByte(),
        _ => false,
    };

    private bool MoveNextOneByte()
    {
        while (_position < _block.Length)
        {
            var head = _block[_position++];
            if (head == 0) continue;

            // RFC 8285 section 4.2: at id 15, or id 0 with a length, "processing of the entire extension MUST terminate".
            var id = head >> 4;
            if (id is 15 or 0) break;
            return Take(id, (head & 0x0F) + 1);
        }

        return End();
    }

    private bool MoveNextTwoByte()
    {
        while (_position < _block.Length)
        {
            var id = _block[_position++];
            if (id == 0) continue;
            if (_position >= _block.Length) break;
            return Take(id, _block[_position++]);
        }

        return End();
    }

    private bool Take(int id, int length)
    {
        if (length > _block.Length - _position) return End();
        Current = new RtpExtension(id, _position, _block.Slice(_position, length));
        _position += length;
        return true;
    }

    private bool End()
    {
        _position = _block.Length;
        Current = default;
        return false;
    }
}
