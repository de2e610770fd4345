using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Receiving;

/// <summary>Holds ordered messages until their turn (RFC 9260 section 6.6). Unordered messages bypass it.</summary>
internal sealed class InboundStreams
{
    private readonly Dictionary<ushort, Stream> _streams = [];

    /// <summary>The size of the waiting messages, counted against the receive window.</summary>
    internal int Bytes { get; private set; }

    internal void Add(IncomingMessage message, Action<IncomingMessage> deliver)
    {
        var stream = Get(message.StreamId);
        if (message.Ssn == stream.NextSsn)
        {
            stream.NextSsn++;
            deliver(message);
            DeliverReady(stream, deliver);
        }
        else if (SequenceArithmetic.IsNewer(message.Ssn, stream.NextSsn) && stream.Waiting.TryAdd(message.Ssn, message))
        {
            Bytes += Cost(message);
        }
    }

    /// <summary>FORWARD-TSN: messages up to <paramref name="ssn"/> are no longer waited for; the received ones are delivered in order.</summary>
    internal void Skip(ushort streamId, ushort ssn, Action<IncomingMessage> deliver)
    {
        var stream = Get(streamId);
        if (SequenceArithmetic.Distance(stream.NextSsn, ssn) < 0) return;
        foreach (var early in stream.Waiting.Keys.Where(key => !SequenceArithmetic.IsNewer(key, ssn)).OrderBy(key => SequenceArithmetic.Distance(ssn, key)).ToArray())
            deliver(Take(stream, early));
        stream.NextSsn = (ushort)(ssn + 1);
        DeliverReady(stream, deliver);
    }

    /// <summary>The peer reset its outgoing stream: it counts from 0 again (RFC 6525 section 5.2.2).</summary>
    internal void Reset(ushort streamId)
    {
        if (!_streams.Remove(streamId, out var stream)) return;
        foreach (var message in stream.Waiting.Values) Bytes -= Cost(message);
    }

    private static int Cost(IncomingMessage message) => message.Data.Length + SctpLimits.PieceOverhead;

    private void DeliverReady(Stream stream, Action<IncomingMessage> deliver)
    {
        while (stream.Waiting.ContainsKey(stream.NextSsn))
        {
            var message = Take(stream, stream.NextSsn);
            stream.NextSsn++;
            deliver(message);
        }
    }

    private IncomingMessage Take(Stream stream, ushort ssn)
    {
        stream.Waiting.Remove(ssn, out var message);
        Bytes -= Cost(message!);
        return message!;
    }

    private Stream Get(ushort streamId)
    {
        if (!_streams.TryGetValue(streamId, out var stream)) _streams[streamId] = stream = new Stream();
        return stream;
    }

    private sealed class Stream
    {
        internal ushort NextSsn { get; set; }

        internal Dictionary<ushort, IncomingMessage> Waiting { get; } = [];
    }
}
