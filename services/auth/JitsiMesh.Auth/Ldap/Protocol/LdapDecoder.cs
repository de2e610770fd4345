using System.Formats.Asn1;

namespace JitsiMesh.Auth.Ldap.Protocol;

/// <summary>Parses a server's LDAPMessages (RFC 4511 section 4.1.1). Malformed input gives false, never an exception.</summary>
internal static class LdapDecoder
{
    private static readonly Asn1Tag Referral = new(TagClass.ContextSpecific, 3);
    private static readonly Asn1Tag ResponseName = new(TagClass.ContextSpecific, 10);

    /// <summary>The length of the message that begins here.</summary>
    /// <param name="bytes">The octets received so far.</param>
    /// <param name="length">Octets including tag and length; 0 while more octets are needed.</param>
    /// <returns>False for octets that begin no message, or a message that is too long.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length == 0) return true;
        if (bytes[0] != 0x30) return false;
        if (bytes.Length == 1) return true;
        if (bytes[1] < 0x80)
        {
            length = 2 + bytes[1];
            return true;
        }

        // RFC 4511 section 5.1: the definite form only.
        var octets = bytes[1] & 0x7F;
        if (octets is 0 or > 4) return false;
        if (bytes.Length < 2 + octets) return true;
        long content = 0;
        foreach (var octet in bytes.Slice(2, octets)) content = (content << 8) | octet;
        if (content > LdapLimits.MessageOctets) return false;
        length = 2 + octets + (int)content;
        return true;
    }

    public static bool TryRead(ReadOnlyMemory<byte> bytes, out LdapResponse response)
    {
        response = null!;
        try
        {
            var outer = new AsnReader(bytes, AsnEncodingRules.BER);
            var message = outer.ReadSequence();
            if (outer.HasData || !message.TryReadInt32(out var id)) return false;
            var tag = message.PeekTag();
            if (tag.TagClass != TagClass.Application || !tag.IsConstructed) return false;
            var read = tag.TagValue switch
            {
                1 => new BindResponse(id, ReadResult(message.ReadSequence(tag))),
                4 => ReadEntry(id, message.ReadSequence(tag)),
                5 => new SearchDone(id, ReadResult(message.ReadSequence(tag))),
                19 => ReadReference(id, message.ReadSequence(tag)),
                24 => ReadExtended(id, message.ReadSequence(tag)),
                _ => (LdapResponse?)null,
            };
            if (read is null) return false;
            response = read;
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static LdapResult ReadResult(AsnReader reader)
    {
        var code = ReadEnumerated(reader);
        _ = reader.ReadOctetString();
        var diagnostic = ReadText(reader.ReadOctetString());

        // Referrals are not followed.
        if (reader.HasData && reader.PeekTag().HasSameClassAndValue(Referral)) _ = reader.ReadEncodedValue();
        return new LdapResult((LdapResultCode)code, diagnostic);
    }

    private static SearchEntry? ReadEntry(int id, AsnReader reader)
    {
        if (!LdapText.TryDecode(reader.ReadOctetString(), out var name)) return null;
        var attributes = new Dictionary<string, IReadOnlyList<byte[]>>(StringComparer.OrdinalIgnoreCase);
        var list = reader.ReadSequence();
        while (list.HasData)
        {
            var attribute = list.ReadSequence();
            if (attributes.Count >= LdapLimits.AttributesPerEntry || !LdapText.TryDecode(attribute.ReadOctetString(), out var type)) return null;
            var set = attribute.ReadSetOf(skipSortOrderValidation: true);
            var values = new List<byte[]>();
            while (set.HasData)
            {
                if (values.Count >= LdapLimits.ValuesPerAttribute) return null;
                values.Add(set.ReadOctetString());
            }

            if (!attributes.TryAdd(type, values)) return null;
        }

        return new SearchEntry(id, new LdapEntry(name, attributes));
    }

    private static SearchReference ReadReference(int id, AsnReader reader)
    {
        while (reader.HasData) _ = reader.ReadOctetString();
        return new SearchReference(id);
    }

    private static ExtendedResponse ReadExtended(int id, AsnReader reader)
    {
        var result = ReadResult(reader);
        var name = "";
        while (reader.HasData)
        {
            if (reader.PeekTag().HasSameClassAndValue(ResponseName)) name = ReadText(reader.ReadOctetString(ResponseName));
            else _ = reader.ReadEncodedValue();
        }

        return new ExtendedResponse(id, result, name);
    }

    private static int ReadEnumerated(AsnReader reader)
    {
        var bytes = reader.ReadEnumeratedBytes().Span;
        if (bytes.Length is 0 or > 4) throw new AsnContentException();
        var value = (int)(sbyte)bytes[0];
        foreach (var octet in bytes[1..]) value = (value << 8) | octet;
        return value;
    }

    private static string ReadText(byte[] bytes) => LdapText.TryDecode(bytes, out var text) ? text : "";
}
