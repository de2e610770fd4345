using System.Buffers.Binary;

namespace JitsiMesh.Dtls;

/// <summary>
/// A memory BIO concatenates records; this class finds their boundaries and packs them into datagrams.
/// <code>
///  0      1        3        5                   11       13
///  | type | version | epoch | sequence number    | length | fragment ...     RFC 6347 section 4.1
/// </code>
/// </summary>
internal static class RecordPacker
{
    internal const int HeaderLength = 13;
    private const byte ContentTypeAlert = 21;
    private const byte FirstContentType = 20;
    private const byte LastContentType = 24;
    private const byte MajorVersion = 0xFE;
    private const byte MinorVersion12 = 0xFD;
    private const byte MinorVersion10 = 0xFF;

    internal static bool TryGetRecordLength(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (data.Length < HeaderLength) return false;
        length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(data[11..]);
        return length <= data.Length;
    }

    /// <summary>
    /// Whether a datagram may be passed to OpenSSL: only whole records of known types. Two properties of OpenSSL make this necessary:
    /// a protected record too short for its nonce and tag ends the connection instead of being dropped (RFC 6347 section 4.1.2.7 requires a drop), and a
    /// record of another version is dropped without its body, which is then parsed as a header.
    /// </summary>
    /// <param name="datagram">One datagram.</param>
    /// <param name="protectionOverhead">Bytes that the negotiated suite adds to a record; the maximum of all suites before the negotiation.</param>
    /// <param name="exactVersion">After the handshake only DTLS 1.2 records are valid; before it, a ClientHello may have the version DTLS 1.0 (RFC 6347 section 4.1).</param>
    internal static bool IsWellFormed(ReadOnlySpan<byte> datagram, int protectionOverhead, bool exactVersion)
    {
        while (!datagram.IsEmpty)
        {
            if (!TryGetRecordLength(datagram, out var length)) return false;
            if (datagram[0] is < FirstContentType or > LastContentType || datagram[1] != MajorVersion) return false;
            if (datagram[2] != MinorVersion12 && (exactVersion || datagram[2] != MinorVersion10)) return false;
            var isProtected = (datagram[3] | datagram[4]) != 0;
            if (isProtected && length - HeaderLength < protectionOverhead) return false;
            datagram = datagram[length..];
        }

        return true;
    }

    /// <summary>
    /// Packs records in order, as many in a datagram as fit in <paramref name="mtu"/>. Alerts go to <paramref name="alerts"/>: an alert that follows a stored
    /// copy of a flight must not wait with it.
    /// </summary>
    internal static void Pack(ReadOnlySpan<byte> records, int mtu, List<byte[]> datagrams, List<byte[]> alerts)
    {
        var start = 0;
        var end = 0;
        while (TryGetRecordLength(records[end..], out var length))
        {
            if (records[end] == ContentTypeAlert && !ReferenceEquals(datagrams, alerts))
            {
                Flush(records[start..end], datagrams);
                alerts.Add(records.Slice(end, length).ToArray());
                start = end += length;
                continue;
            }

            if (end > start && end + length - start > mtu)
            {
                Flush(records[start..end], datagrams);
                start = end;
            }

            end += length;
        }

        Flush(records[start..end], datagrams);
    }

    private static void Flush(ReadOnlySpan<byte> datagram, List<byte[]> datagrams)
    {
        if (!datagram.IsEmpty) datagrams.Add(datagram.ToArray());
    }
}
