using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Sending;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests.Parts;

/// <summary>The shared state of the parts and, instead of the association, a record of their calls.</summary>
internal sealed class RecordedAssociation : IAssociation
{
    internal static readonly PeerParameters Peer = new(Tag: 77, InitialTsn: 5000, ReceiverWindow: 1 << 20, InboundStreams: 100, SupportsForwardTsn: true, SupportsReconfig: true);

    internal RecordedAssociation(SctpOptions? options = null, ulong seed = 1) => State = new AssociationState(options ?? new SctpOptions(), new SeededRandomSource(seed), _ => { });

    internal AssociationState State { get; }

    internal List<string> Asked { get; } = [];

    internal MonotonicTime Now { get; set; } = MonotonicTime.FromSeconds(1000);

    /// <summary>As after a handshake.</summary>
    internal RecordedAssociation Establish(PeerParameters? peer = null)
    {
        State.Begin();
        State.Build(peer ?? Peer);
        State.State = SctpState.Established;
        return this;
    }

    /// <summary>The chunks that leave now, of all packets.</summary>
    internal List<byte[]> TakeChunks()
    {
        State.Packets.Fill(State, Now);
        var chunks = new List<byte[]>();
        while (State.Packets.TryDequeue(out var packet))
        {
            var reader = new ChunkReader(packet.AsSpan(PacketHeader.Length));
            while (reader.TryRead(out var chunk)) chunks.Add(chunk.Whole.ToArray());
        }

        return chunks;
    }

    internal List<ChunkType> TakeTypes() => [.. TakeChunks().Select(chunk => (ChunkType)chunk[0])];

    internal void Enqueue(ushort stream, int length) => State.Sender!.Enqueue(new OutgoingMessage { StreamId = stream, Ppid = 53, Data = new byte[length] });

    public void GoDown(SctpDownReason reason) => Asked.Add($"down {reason}");

    public void AbortWith(ushort cause, SctpDownReason reason) => Asked.Add($"abort {cause} {reason}");

    public void OnBuilt(uint peerInitialTsn) => Asked.Add($"built {peerInitialTsn}");

    public void OnRestarted() => Asked.Add("restarted");

    public void OnEstablished(MonotonicTime now) => Asked.Add("established");

    public void OnIncomingReset(ushort stream) => Asked.Add($"incoming {stream}");

    public void OnAllIncomingReset() => Asked.Add("incoming all");

    public void OnOutgoingReset(ushort stream) => Asked.Add($"outgoing {stream}");
}
