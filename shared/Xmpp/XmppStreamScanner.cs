namespace JitsiMesh.Xmpp;

/// <summary>The result of <see cref="XmppStreamScanner.Scan"/>.</summary>
internal enum XmppStreamScan
{
    /// <summary>The part continues beyond the octets.</summary>
    More,
    Complete,
    NotWellFormed,

    /// <summary>A comment, a processing instruction or a DTD.</summary>
    Restricted,
}

/// <summary>
/// Finds the end of a part of a stream: the state machine behind <see cref="XmppStreamReader"/>. It works on octets, since markup characters are ASCII, which never occurs inside another
/// character of UTF-8. A part begins with <c>&lt;</c>; the machine returns to its first state when the part is complete.
/// </summary>
internal struct XmppStreamScanner
{
    private enum State
    {
        Begin,

        /// <summary>After a <c>&lt;</c>.</summary>
        Opened,
        Declaration,
        DeclarationQuestion,

        /// <summary>Between the XML declaration and the stream's tag.</summary>
        Prolog,
        StartTag,
        DoubleQuoted,
        SingleQuoted,

        /// <summary>After a <c>/</c> in a start tag.</summary>
        Slash,
        EndTag,
        Text,

        /// <summary>After <c>&lt;!</c>.</summary>
        Exclamation,
        CharacterData,
    }

    private static ReadOnlySpan<byte> CharacterDataMark => "[CDATA["u8;

    private State _state;
    private int _depth;

    /// <summary>Matched octets of <c>[CDATA[</c>, or consecutive brackets within character data.</summary>
    private int _matched;

    /// <param name="octets">The next octets.</param>
    /// <param name="inStream">Whether the stream's header has been read, so that the part is an element or the end of the stream.</param>
    /// <param name="first">Whether the part is the first, so that it may begin with an XML declaration.</param>
    /// <param name="used">Octets up to the end of the part.</param>
    public XmppStreamScan Scan(ReadOnlySpan<byte> octets, bool inStream, bool first, out int used)
    {
        used = 0;
        while (used < octets.Length)
        {
            var rest = octets[used..];
            var octet = rest[0];
            switch (_state)
            {
                case State.Begin or State.Prolog:
                    used++;
                    if (octet == '<')
                    {
                        first &= _state == State.Begin;
                        _state = State.Opened;
                        // A second declaration is not valid.
                        if (!first) _matched = -1;
                    }
                    else if (_state == State.Begin || !IsSpace(octet))
                    {
                        return XmppStreamScan.NotWellFormed;
                    }

                    break;
                case State.Opened:
                    if (Open(octet, inStream) is { } refused) return refused;
                    // The first octet of a name is also examined as part of the tag.
                    if (_state != State.StartTag) used++;
                    break;
                case State.Declaration:
                    used++;
                    if (octet == '?') _state = State.DeclarationQuestion;
                    else if (octet is (byte)'<' or (byte)'>') return XmppStreamScan.NotWellFormed;
                    break;
                case State.DeclarationQuestion:
                    used++;
                    if (octet != '>') return XmppStreamScan.NotWellFormed;
                    _state = State.Prolog;
                    break;
                case State.StartTag:
                    if (!Skip(rest, "\"'></"u8, ref used, out var mark)) break;
                    if (mark == '<') return XmppStreamScan.NotWellFormed;
                    if (mark != '>')
                    {
                        _state = mark == '/' ? State.Slash : mark == '"' ? State.DoubleQuoted : State.SingleQuoted;
                        break;
                    }

                    if (!inStream) return Finish();
                    _depth++;
                    _state = State.Text;
                    break;
                case State.DoubleQuoted:
                    if (Skip(rest, "\""u8, ref used, out _)) _state = State.StartTag;
                    break;
                case State.SingleQuoted:
                    if (Skip(rest, "'"u8, ref used, out _)) _state = State.StartTag;
                    break;
                case State.Slash:
                    if (octet != '>')
                    {
                        _state = State.StartTag;
                        break;
                    }

                    used++;
                    // An empty stream element is invalid.
                    if (!inStream) return XmppStreamScan.NotWellFormed;
                    if (_depth == 0) return Finish();
                    _state = State.Text;
                    break;
                case State.EndTag:
                    if (!Skip(rest, "<>"u8, ref used, out var end)) break;
                    if (end == '<') return XmppStreamScan.NotWellFormed;
                    if (_depth <= 1) return Finish();
                    _depth--;
                    _state = State.Text;
                    break;
                case State.Text:
                    if (Skip(rest, "<"u8, ref used, out _)) _state = State.Opened;
                    break;
                case State.Exclamation:
                    used++;
                    if (octet != CharacterDataMark[_matched]) return XmppStreamScan.Restricted;
                    if (++_matched < CharacterDataMark.Length) break;
                    _matched = 0;
                    _state = State.CharacterData;
                    break;
                case State.CharacterData:
                    ScanCharacterData(rest, ref used);
                    break;
            }
        }

        return XmppStreamScan.More;
    }

    private XmppStreamScan? Open(byte octet, bool inStream)
    {
        var mayDeclare = !inStream && _matched == 0;
        _matched = 0;
        switch (octet)
        {
            case (byte)'/':
                if (!inStream) return XmppStreamScan.NotWellFormed;
                _state = State.EndTag;
                return null;
            case (byte)'?':
                if (!mayDeclare) return XmppStreamScan.Restricted;
                _state = State.Declaration;
                return null;
            case (byte)'!':
                if (_depth == 0) return XmppStreamScan.Restricted;
                _state = State.Exclamation;
                return null;
            default:
                _state = State.StartTag;
                return null;
        }
    }

    private void ScanCharacterData(ReadOnlySpan<byte> rest, ref int used)
    {
        if (_matched == 0)
        {
            var at = rest.IndexOf((byte)']');
            used += at < 0 ? rest.Length : at + 1;
            if (at >= 0) _matched = 1;
            return;
        }

        used++;
        if (rest[0] == ']')
        {
            _matched = 2;
        }
        else
        {
            if (rest[0] == '>' && _matched == 2) _state = State.Text;
            _matched = 0;
        }
    }

    /// <summary>Moves behind the next of the marks; false if there is none.</summary>
    private static bool Skip(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> marks, ref int used, out byte mark)
    {
        var at = rest.IndexOfAny(marks);
        mark = at < 0 ? (byte)0 : rest[at];
        used += at < 0 ? rest.Length : at + 1;
        return at >= 0;
    }

    private XmppStreamScan Finish()
    {
        this = default;
        return XmppStreamScan.Complete;
    }

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
