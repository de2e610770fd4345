using System.Text;
using System.Text.Unicode;

namespace JitsiMesh.Xmpp;

/// <summary>
/// Splits the octets of a stream over TCP (RFC 6120 section 4) into its header, its elements and its end, for any fragmentation. It only finds where a part ends; <see cref="XmppParser"/> decides whether the part
/// is well-formed, so that a part split at the wrong place is refused and never misread. It buffers at most one part, within the
/// limit that its caller passes. Not thread-safe.
/// </summary>
public sealed class XmppStreamReader
{
    private const byte Quote = (byte)'"';
    private const byte Apostrophe = (byte)'\'';

    /// <summary>A larger buffer, grown for one long stanza, is released afterwards.</summary>
    private const int KeptOctets = 16 * 1024;

    private XmppStreamScanner _scanner;
    private XmppStreamHeader? _header;
    private byte[] _buffer = [];
    private int _length;
    private int _space;
    private bool _begun;
    private bool _spaced;
    private XmppParseError _refused;

    /// <summary>Octets of memory held for an incomplete part.</summary>
    internal int BufferOctets => _buffer.Length;

    /// <summary>A new stream begins with the next octet: after TLS and after SASL (RFC 6120 section 4.3.3).</summary>
    public void Restart()
    {
        _scanner = default;
        _header = null;
        _length = 0;
        _space = 0;
        _begun = false;
        _spaced = false;
        Release();
    }

    /// <summary>Consumes octets up to the end of the next part.</summary>
    /// <param name="data">The octets that follow those consumed before.</param>
    /// <param name="maximum">The longest part that is accepted now, in octets; a longer one is refused with <see cref="XmppParseError.TooLong"/>.</param>
    /// <param name="consumed">The number of octets consumed; all of them if the part is incomplete.</param>
    /// <returns>The part. After a refused part every call returns it again.</returns>
    public XmppStreamPart Read(ReadOnlySpan<byte> data, int maximum, out int consumed)
    {
        consumed = 0;
        if (_refused != XmppParseError.None) return new XmppStreamPart { Kind = XmppStreamPartKind.Refused, Error = _refused };
        if (!_begun)
        {
            var space = data.IndexOfAnyExcept(" \t\r\n"u8);
            consumed = space < 0 ? data.Length : space;
            _space += consumed;
            _spaced |= consumed > 0;
            if (space < 0) return new XmppStreamPart { Kind = XmppStreamPartKind.Incomplete, Space = TakeSpace() };
            if (data[space] != (byte)'<') return Refuse(XmppParseError.NotWellFormed);
            _begun = true;
        }

        var rest = data[consumed..];
        var room = Math.Max(0, maximum - _length);
        var seen = rest.Length > room ? rest[..room] : rest;
        switch (_scanner.Scan(seen, _header is not null, !_spaced, out var used))
        {
            case XmppStreamScan.More when seen.Length < rest.Length:
                return Refuse(XmppParseError.TooLong);
            case XmppStreamScan.More:
                Append(seen, maximum);
                consumed += seen.Length;
                return new XmppStreamPart { Kind = XmppStreamPartKind.Incomplete };
            case XmppStreamScan.Restricted:
                return Refuse(XmppParseError.RestrictedXml);
            case XmppStreamScan.Complete:
                consumed += used;
                return Complete(seen[..used], maximum);
            default:
                return Refuse(XmppParseError.NotWellFormed);
        }
    }

    private XmppStreamPart Complete(ReadOnlySpan<byte> last, int maximum)
    {
        var octets = last;
        if (_length > 0)
        {
            Append(last, maximum);
            octets = _buffer.AsSpan(0, _length);
        }

        if (!Utf8.IsValid(octets)) return Refuse(XmppParseError.UnsupportedEncoding);
        var text = Encoding.UTF8.GetString(octets);
        var part = new XmppStreamPart { Octets = octets.Length, Space = TakeSpace() };
        _length = 0;
        _begun = false;
        _spaced = false;
        if (_buffer.Length > KeptOctets) Release();
        if (_header is null) return ReadHeader(text, part);
        if (text.StartsWith("</", StringComparison.Ordinal)) return IsEnd(text) ? part with { Kind = XmppStreamPartKind.End } : Refuse(XmppParseError.NotWellFormed);
        return XmppParser.TryParse(text, _header, out var element, out var error, out var growth)
            ? part with { Kind = XmppStreamPartKind.Element, Element = element, Growth = growth }
            : Refuse(error);
    }

    private XmppStreamPart ReadHeader(string text, XmppStreamPart part)
    {
        if (text.StartsWith("<?", StringComparison.Ordinal) && !DeclaresUtf8(text[..text.IndexOf("?>", StringComparison.Ordinal)])) return Refuse(XmppParseError.UnsupportedEncoding);
        var error = XmppParser.ParseHeader(text, out _header);
        return error == XmppParseError.None ? part with { Kind = XmppStreamPartKind.Header, Header = _header } : Refuse(error);
    }

    /// <summary>RFC 6120 section 11.6: whether the declaration names no encoding, or UTF-8.</summary>
    private static bool DeclaresUtf8(string declaration)
    {
        var at = declaration.IndexOf("encoding", StringComparison.Ordinal);
        if (at < 0) return true;
        var value = declaration.AsSpan(at + "encoding".Length).TrimStart();
        if (value.IsEmpty || value[0] != '=') return false;
        value = value[1..].TrimStart();
        return value.StartsWith("\"utf-8\"", StringComparison.OrdinalIgnoreCase) || value.StartsWith("'utf-8'", StringComparison.OrdinalIgnoreCase);
    }

    private bool IsEnd(string text)
    {
        var tag = text.AsSpan(2, text.Length - 3);
        return tag.TrimEnd(" \t\r\n").SequenceEqual(_header!.Tag);
    }

    private void Append(ReadOnlySpan<byte> octets, int maximum)
    {
        var needed = _length + octets.Length;
        if (needed > _buffer.Length) Array.Resize(ref _buffer, Math.Max(needed, Math.Min(maximum, Math.Max(512, _buffer.Length * 2))));
        octets.CopyTo(_buffer.AsSpan(_length));
        _length = needed;
    }

    private int TakeSpace()
    {
        var space = _space;
        _space = 0;
        return space;
    }

    private void Release() => _buffer = [];

    private XmppStreamPart Refuse(XmppParseError error)
    {
        _refused = error;
        _length = 0;
        Release();
        return new XmppStreamPart { Kind = XmppStreamPartKind.Refused, Error = error };
    }
}
