using System.Buffers;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>
/// The parser behind <see cref="XmppParser"/>: one pass over the text, with open elements and namespace declarations on small stacks.
/// Errors are reported by its result.
/// </summary>
internal partial struct XmppDocumentReader(string text, bool fromClient = false, XmppStreamHeader? header = null)
{
    private static readonly SearchValues<char> TextStops = SearchValues.Create(XmlNames.Unusual + "<&]\r");
    private static readonly SearchValues<char> DoubleQuoted = SearchValues.Create(XmlNames.Unusual + "<&\"\r\n\t");
    private static readonly SearchValues<char> SingleQuoted = SearchValues.Create(XmlNames.Unusual + "<&'\r\n\t");

    private readonly string _text = text;
    private readonly int _maximumDepth = fromClient ? XmppLimits.ClientDepth : XmppLimits.Depth;
    private readonly int _maximumNodes = fromClient ? XmppLimits.ClientNodes : XmppLimits.Nodes;
    private readonly int _maximumAttributes = fromClient ? XmppLimits.ClientAttributesOfElement : XmppLimits.AttributesOfElement;
    private readonly XmppElement?[] _open = new XmppElement?[XmppLimits.Depth];
    private readonly List<RawAttribute> _attributes = [];

    // The declarations of the stream header apply to each of its elements, and count towards the limit of each.
    private List<(string Prefix, string Namespace, int Depth)>? _prefixes = header?.Prefixes.Select(prefix => (prefix.Prefix, prefix.Namespace, 0)).ToList();
    private List<(string Namespace, int Depth)>? _defaults = header is null ? null : [(header.DefaultNamespace, 0)];
    private int _declaredPrefixes = header?.CountedPrefixes ?? 0;
    private int _prefixedAttributes;
    private StringBuilder? _builder;
    private int _position;
    private int _depth;
    private int _nodes;

    // The name of each open element as written, to compare with its end tag.
    private readonly (int Start, int Length)[] _names = new (int, int)[XmppLimits.Depth];

    /// <summary>The octets by which the document may grow when it is written with literal namespaces.</summary>
    public long Growth { get; private set; }

    /// <summary>Name comparisons beyond the one pass over the text: the cost that a hostile document could raise.</summary>
    public long Steps { get; private set; }

    public XmppParseError Read(out XmppElement? root)
    {
        root = null;
        var error = ReadDocument(out var read);
        if (error == XmppParseError.None) root = read;
        return error;
    }

    /// <summary>Parses the start tag of a stream, at the end of which the text ends (RFC 6120 section 4.7).</summary>
    public XmppParseError ReadHeader(out XmppStreamHeader? header)
    {
        header = null;
        SkipDeclaration();
        SkipSpace();
        if (!At('<')) return XmppParseError.NotWellFormed;
        XmppElement? root = null;
        var error = ReadMarkup(ref root);
        if (error != XmppParseError.None) return error;
        if (_depth != 1 || _position != _text.Length) return XmppParseError.NotWellFormed;
        var (start, length) = _names[0];
        header = new XmppStreamHeader(root!, _text.Substring(start, length), _defaults is { Count: > 0 } ? _defaults[^1].Namespace : "", [.. (_prefixes ?? []).Select(prefix => (prefix.Prefix, prefix.Namespace))], _declaredPrefixes);
        return XmppParseError.None;
    }

    private XmppParseError ReadDocument(out XmppElement? root)
    {
        root = null;
        SkipDeclaration();
        SkipSpace();
        if (!At('<')) return XmppParseError.NotWellFormed;
        var error = ReadMarkup(ref root);
        while (error == XmppParseError.None && _depth > 0)
        {
            if (_position >= _text.Length) return XmppParseError.NotWellFormed;
            error = _text[_position] == '<' ? ReadMarkup(ref root) : ReadText();
        }

        if (error != XmppParseError.None) return error;
        SkipSpace();
        if (_position == _text.Length) return XmppParseError.None;
        return IsForbiddenMarkup() ? XmppParseError.RestrictedXml : XmppParseError.NotWellFormed;
    }

    private XmppParseError ReadMarkup(ref XmppElement? root)
    {
        if (_position + 1 >= _text.Length) return XmppParseError.NotWellFormed;
        switch (_text[_position + 1])
        {
            case '/':
                return ReadEndTag();
            case '?':
                return XmppParseError.RestrictedXml;
            case '!':
                return _depth > 0 && Follows("<![CDATA[") ? ReadCharacterData() : XmppParseError.RestrictedXml;
            default:
                return ReadStartTag(ref root);
        }
    }

    private XmppParseError ReadStartTag(ref XmppElement? root)
    {
        if (++_nodes > _maximumNodes) return XmppParseError.TooManyNodes;
        _position++;
        var nameStart = _position;
        if (!TryReadName(out var prefix, out var local)) return XmppParseError.NotWellFormed;
        var nameLength = _position - nameStart;
        var error = ReadAttributes(out var empty);
        if (error != XmppParseError.None) return error;

        // An element without content does not increase the depth, but its declarations apply to itself.
        var level = _depth + 1;
        error = Declare(level, out var declaresDefault);
        if (error != XmppParseError.None) return error;
        if (!TryResolveElement(prefix, out var ns)) return XmppParseError.NotWellFormed;
        var element = new XmppElement(local, ns);
        error = TakeAttributes(element);
        if (error != XmppParseError.None) return error;

        CountElement(ns, declared: prefix.Length == 0 && declaresDefault);
        if (_depth > 0) _open[_depth - 1]!.Add(element);
        else root = element;
        if (empty)
        {
            Undeclare(level);
            return XmppParseError.None;
        }

        if (_depth >= _maximumDepth) return XmppParseError.TooDeep;
        _names[_depth] = (nameStart, nameLength);
        _open[_depth++] = element;
        return XmppParseError.None;
    }

    private XmppParseError ReadAttributes(out bool empty)
    {
        _attributes.Clear();
        var counted = 0;
        empty = false;
        while (true)
        {
            var spaced = SkipSpace();
            if (_position >= _text.Length) return XmppParseError.NotWellFormed;
            if (_text[_position] == '>')
            {
                _position++;
                return XmppParseError.None;
            }

            if (Follows("/>"))
            {
                empty = true;
                _position += 2;
                return XmppParseError.None;
            }

            if (!spaced) return XmppParseError.NotWellFormed;
            if (!TryReadName(out var prefix, out var local)) return XmppParseError.NotWellFormed;
            SkipSpace();
            if (!At('=')) return XmppParseError.NotWellFormed;
            _position++;
            SkipSpace();
            var error = ReadValue(out var value);
            if (error != XmppParseError.None) return error;
            var attribute = new RawAttribute(prefix, local, value);
            if (!attribute.IsDeclaration && (++counted > _maximumAttributes || ++_nodes > _maximumNodes)) return XmppParseError.TooManyNodes;
            // The default, the stream prefix and all others: more than these are refused in any case.
            if (_attributes.Count - counted > XmppLimits.Prefixes + 1) return XmppParseError.TooManyPrefixes;
            _attributes.Add(attribute);
        }
    }

    private XmppParseError ReadValue(out string value)
    {
        value = "";
        if (_position >= _text.Length) return XmppParseError.NotWellFormed;
        var quote = _text[_position];
        if (quote is not ('"' or '\'')) return XmppParseError.NotWellFormed;
        var stops = quote == '"' ? DoubleQuoted : SingleQuoted;
        var start = ++_position;
        var built = false;
        while (true)
        {
            var at = _text.AsSpan(_position).IndexOfAny(stops);
            if (at < 0) return XmppParseError.NotWellFormed;
            if (_text[_position + at] == quote)
            {
                var rest = _text.AsSpan(_position, at);
                value = built ? Take(rest) : XmlNames.Intern(rest);
                _position += at + 1;
                if (quote == '\'' || built) CountQuotes(value);
                return XmppParseError.None;
            }

            if (!built) (_builder ??= new StringBuilder()).Clear();
            built = true;
            _builder!.Append(_text, _position, at);
            _position += at;
            switch (_text[_position])
            {
                case '&':
                    var error = ReadReference();
                    if (error != XmppParseError.None) return error;
                    break;
                case '\r' when Follows("\r\n"):
                    _builder.Append(' ');
                    _position += 2;
                    break;
                case '\r' or '\n' or '\t':
                    // XML 1.0 section 3.3.3: literal white space becomes a space.
                    _builder.Append(' ');
                    _position++;
                    break;
                default:
                    if (!TryCopyUnusual()) return XmppParseError.NotWellFormed;
                    break;
            }
        }
    }

    private XmppParseError ReadText()
    {
        if (++_nodes > _maximumNodes) return XmppParseError.TooManyNodes;
        var built = false;
        while (true)
        {
            var at = _text.AsSpan(_position).IndexOfAny(TextStops);
            if (at < 0) return XmppParseError.NotWellFormed;
            if (_text[_position + at] == '<')
            {
                var rest = _text.AsSpan(_position, at);
                var text = built ? Take(rest) : rest.ToString();
                CountText(text);
                _open[_depth - 1]!.AddText(text);
                _position += at;
                return XmppParseError.None;
            }

            if (!built) (_builder ??= new StringBuilder()).Clear();
            built = true;
            _builder!.Append(_text, _position, at);
            _position += at;
            switch (_text[_position])
            {
                case '&':
                    var error = ReadReference();
                    if (error != XmppParseError.None) return error;
                    break;
                case '\r':
                    // Section 2.11: line endings become one line feed.
                    _builder.Append('\n');
                    _position += Follows("\r\n") ? 2 : 1;
                    break;
                case ']':
                    // Section 2.4: "]]>" is not allowed in text.
                    if (Follows("]]>")) return XmppParseError.NotWellFormed;
                    _builder.Append(']');
                    _position++;
                    break;
                default:
                    if (!TryCopyUnusual()) return XmppParseError.NotWellFormed;
                    break;
            }
        }
    }

    private XmppParseError ReadCharacterData()
    {
        if (++_nodes > _maximumNodes) return XmppParseError.TooManyNodes;
        _position += "<![CDATA[".Length;
        var end = _text.IndexOf("]]>", _position, StringComparison.Ordinal);
        if (end < 0) return XmppParseError.NotWellFormed;
        var content = _text[_position..end];
        for (var i = 0; i < content.Length; i++)
        {
            if (XmlNames.IsCharacter(content[i])) continue;
            if (!char.IsSurrogatePair(content, i)) return XmppParseError.NotWellFormed;
            i++;
        }

        CountCharacterData(content);
        _open[_depth - 1]!.AddText(content.Contains('\r') ? content.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : content);
        _position = end + 3;
        return XmppParseError.None;
    }

    private XmppParseError ReadEndTag()
    {
        if (_depth == 0) return XmppParseError.NotWellFormed;
        _position += 2;
        var (start, length) = _names[_depth - 1];
        if (string.CompareOrdinal(_text, _position, _text, start, length) != 0) return XmppParseError.NotWellFormed;
        _position += length;
        SkipSpace();
        if (!At('>')) return XmppParseError.NotWellFormed;
        _position++;
        Undeclare(_depth);
        _open[--_depth] = null;
        return XmppParseError.None;
    }

    private XmppParseError ReadReference()
    {
        var end = _text.AsSpan(_position, Math.Min(16, _text.Length - _position)).IndexOf(';');
        if (end < 2) return XmppParseError.NotWellFormed;
        var name = _text.AsSpan(_position + 1, end - 1);
        _position += end + 1;
        if (name[0] == '#')
        {
            var hexadecimal = name.Length > 1 && name[1] == 'x';
            var digits = hexadecimal ? name[2..] : name[1..];
            var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
            if (!int.TryParse(digits, style, CultureInfo.InvariantCulture, out var code) || !XmlNames.IsCodePoint(code)) return XmppParseError.NotWellFormed;
            Span<char> units = stackalloc char[2];
            _builder!.Append(units[..new Rune(code).EncodeToUtf16(units)]);
            return XmppParseError.None;
        }

        var character = name switch
        {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => '\0',
        };
        if (character == '\0') return XmppParseError.RestrictedXml;
        _builder!.Append(character);
        return XmppParseError.None;
    }

    /// <summary>Handles a character of the unusual ranges: copies a surrogate pair, refuses anything else.</summary>
    private bool TryCopyUnusual()
    {
        if (_position + 1 >= _text.Length || !char.IsSurrogatePair(_text[_position], _text[_position + 1])) return false;
        _builder!.Append(_text, _position, 2);
        _position += 2;
        return true;
    }

    private readonly string Take(ReadOnlySpan<char> rest) => _builder!.Append(rest).ToString();

    private bool TryReadName(out string prefix, out string local)
    {
        prefix = "";
        local = "";
        var start = _position;
        _position += XmlNames.NameLength(_text.AsSpan(_position));
        if (_position == start) return false;
        if (!At(':'))
        {
            local = XmlNames.Intern(_text.AsSpan(start, _position - start));
            return true;
        }

        prefix = XmlNames.Intern(_text.AsSpan(start, _position - start));
        start = ++_position;
        _position += XmlNames.NameLength(_text.AsSpan(_position));
        local = XmlNames.Intern(_text.AsSpan(start, _position - start));
        return _position > start && !At(':');
    }

    private void SkipDeclaration()
    {
        if (!Follows("<?xml") || _text.Length < 6 || !char.IsWhiteSpace(_text[5])) return;
        var end = _text.IndexOf("?>", StringComparison.Ordinal);
        if (end > 0) _position = end + 2;
    }

    private bool SkipSpace()
    {
        var start = _position;
        while (_position < _text.Length && _text[_position] is ' ' or '\t' or '\r' or '\n') _position++;
        return _position > start;
    }

    private readonly bool IsForbiddenMarkup() => Follows("<!") || Follows("<?");

    private readonly bool At(char c) => _position < _text.Length && _text[_position] == c;

    private readonly bool Follows(string expected) => string.CompareOrdinal(_text, _position, expected, 0, expected.Length) == 0;
}
