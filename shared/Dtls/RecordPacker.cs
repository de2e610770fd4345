using System.Buffers.Binary;

namespace JitsiMesh.Dtls;

/// <summary>
/// A memory BIO glues records together; this finds their borders again and packs them into datagrams.
/// <code>
///  0      1        3        5                   11       13
///  | type | version | epoch | sequence number    | length | fragment ...     RFC 6347 section 4.1
/// </code>
/// </summary>
internal static class RecordPacker
{
    internal const int HeaderLength = 13;
    private const byte ContentTypeAlert = 21;

    internal static bool TryGetRecordLength(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (data.Length < HeaderLength) return false;
        length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(data[11..]);
        return length <= data.Length;
    }

    /// <summary>
    /// Records in order, as many in a datagram as fit in <paramref name="mtu"/>. Alerts go to <paramref name="alerts"/>: one that follows a stored
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
