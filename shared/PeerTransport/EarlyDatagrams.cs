namespace JitsiMesh.PeerTransport;

/// <summary>DTLS datagrams that arrived before a local pair was valid: the client's pair may be valid a round trip earlier.</summary>
internal sealed class EarlyDatagrams
{
    private readonly Queue<byte[]> _datagrams = [];

    /// <returns>False: the oldest had to go.</returns>
    public bool Keep(ReadOnlySpan<byte> datagram)
    {
        var fits = _datagrams.Count < PeerTransportLimits.MaxEarlyDtls;
        if (!fits) _datagrams.Dequeue();
        _datagrams.Enqueue(datagram.ToArray());
        return fits;
    }

    public bool TryTake(out ReadOnlySpan<byte> datagram)
    {
        var found = _datagrams.TryDequeue(out var bytes);
        datagram = bytes;
        return found;
    }
}
