using System.Buffers.Binary;
using System.Text;

namespace JitsiMesh.Acme.Challenges;

/// <summary>Detects the ClientHello of an authority that validates a name (RFC 8737): one name, and only the protocol <c>acme-tls/1</c>.</summary>
public static class ClientHello
{
    /// <summary>Octets that are examined: one TLS record.</summary>
    public const int MaxOctets = 5 + 16384;

    private const byte Handshake = 22;
    private const byte Hello = 1;
    private const int ServerName = 0;
    private const int Alpn = 16;

    /// <param name="octets">The octets received so far.</param>
    /// <param name="name">The server name, in lower case, if it is an authority's.</param>
    /// <returns>Null while more octets are needed.</returns>
    public static bool? IsAcme(ReadOnlySpan<byte> octets, out string name)
    {
        name = "";
        if (octets.Length > 0 && octets[0] != Handshake) return false;
        if (octets.Length < 5) return null;
        var length = BinaryPrimitives.ReadUInt16BigEndian(octets[3..]);
        if (length is < 4 or > MaxOctets - 5) return false;
        if (octets.Length < 5 + length) return null;
        var record = octets.Slice(5, length);

        // A ClientHello that spans records is not an authority's: theirs are short.
        var size = record[1] << 16 | record[2] << 8 | record[3];
        return record[0] == Hello && size <= record.Length - 4 && Read(record.Slice(4, size), out name);
    }

    // RFC 8446 section 4.1.2: version, random, session id, cipher suites, compression methods, extensions.
    private static bool Read(ReadOnlySpan<byte> hello, out string name)
    {
        name = "";
        if (hello.Length < 34) return false;
        hello = hello[34..];
        if (!TrySkip(ref hello, 1) || !TrySkip(ref hello, 2) || !TrySkip(ref hello, 1) || !TryTake(ref hello, 2, out var extensions)) return false;
        var isAcme = false;
        while (extensions.Length >= 4)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out var body)) return false;
            if (type == Alpn) isAcme = IsAcmeAlone(body);
            else if (type == ServerName) name = ReadName(body);
        }

        return isAcme && name.Length > 0;
    }

    private static bool IsAcmeAlone(ReadOnlySpan<byte> body) =>
        TryTake(ref body, 2, out var list) && TryTake(ref list, 1, out var protocol) && list.IsEmpty && protocol.SequenceEqual("acme-tls/1"u8);

    private static string ReadName(ReadOnlySpan<byte> body)
    {
        if (!TryTake(ref body, 2, out var list) || list.Length < 1 || list[0] != 0) return "";
        list = list[1..];
        return TryTake(ref list, 2, out var host) && host.Length is > 0 and <= 253 && !host.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? Encoding.ASCII.GetString(host).ToLowerInvariant() : "";
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> data, int lengthOctets) => TryTake(ref data, lengthOctets, out _);

    private static bool TryTake(ref ReadOnlySpan<byte> data, int lengthOctets, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (data.Length < lengthOctets) return false;
        var length = lengthOctets == 1 ? data[0] : BinaryPrimitives.ReadUInt16BigEndian(data);
        if (data.Length < lengthOctets + length) return false;
        taken = data.Slice(lengthOctets, length);
        data = data[(lengthOctets + length)..];
        return true;
    }
}
