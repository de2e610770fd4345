using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Sending;

/// <summary>Packets that wait for the owner, and control chunks that wait for a packet.</summary>
internal sealed class OutgoingPackets(SctpOptions options, SctpCounters counters)
{
    private const int ForwardTsnRoom = 1024;

    private readonly Queue<byte[]> _packets = new();
    private readonly Queue<byte[]> _control = new();
    private readonly PacketBuilder _builder = new();

    internal int Count => _packets.Count;

    internal bool TryDequeue(out byte[]? packet) => _packets.TryDequeue(out packet);

    /// <summary>INIT, INIT ACK, ABORT and SHUTDOWN COMPLETE are sent alone, some of them under another tag.</summary>
    internal void SendAlone(byte[] chunk, uint tag)
    {
        if (_packets.Count >= SctpLimits.MaxQueuedPackets)
        {
            counters.Count(SctpDrop.QueueFull);
            return;
        }

        _builder.Begin();
        _builder.TryAdd(chunk);
        _packets.Enqueue(_builder.Finish(Header(tag)));
    }

    internal void SendControl(byte[] chunk)
    {
        if (_control.Count >= SctpLimits.MaxQueuedControlChunks || chunk.Length > SctpLimits.MaxPacket - PacketHeader.Length)
        {
            counters.Count(SctpDrop.QueueFull);
            return;
        }

        _control.Enqueue(chunk);
    }

    internal void ForgetControl() => _control.Clear();

    /// <summary>Packs the pending output: control chunks, then a SACK, then data, in as many packets as the windows and the queue allow.</summary>
    /// <param name="association">The association with the tag, the data and the acknowledgements.</param>
    /// <param name="now">When they leave.</param>
    /// <returns>False: the queue was full before everything was sent.</returns>
    internal bool Fill(AssociationState association, MonotonicTime now)
    {
        while (_packets.Count < SctpLimits.MaxQueuedPackets)
        {
            _builder.Begin();
            while (_control.TryPeek(out var chunk) && _builder.TryAdd(chunk)) _control.Dequeue();
            if (association.MayTransfer) AddTransfer(association.Sender!, association.Receiver!, association.State, now);
            if (_builder.IsEmpty) return true;
            _packets.Enqueue(_builder.Finish(Header(association.PeerTag)));
        }

        return false;
    }

    private void AddTransfer(DataSender sender, DataReceiver receiver, SctpState state, MonotonicTime now)
    {
        if (receiver.TryTakeSack(_builder.Space, besideData: false, out var sack)) _builder.TryAdd(sack);
        if (sender.ForwardTsnDue && _builder.Space >= ForwardTsnRoom) _builder.TryAdd(sender.FormatForwardTsn());
        if (state is SctpState.ShutdownSent or SctpState.ShutdownAckSent) return;
        while (sender.TryTake(_builder.Space, now, out var chunk)) _builder.Add(chunk);
        sender.PacketDone();
        if (_builder.HasData && receiver.TryTakeSack(_builder.Space, besideData: true, out sack)) _builder.TryAdd(sack);

        // Messages that expired while this packet was filled are reported in the next one.
        if (_builder.IsEmpty && sender.ForwardTsnDue) _builder.TryAdd(sender.FormatForwardTsn());
    }

    private PacketHeader Header(uint tag) => new(options.LocalPort, options.RemotePort, tag);
}
