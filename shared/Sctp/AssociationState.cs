using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Sending;

namespace JitsiMesh.Sctp;

/// <summary>
/// The state that the parts of one association share (the transmission control block of RFC 9260 section 14): state, both tags, both halves of the data transfer, and the
/// queues for the owner.
/// </summary>
internal sealed class AssociationState
{
    private readonly Action<IncomingMessage> _deliver;

    /// <param name="options">Ports, windows, timings.</param>
    /// <param name="random">Of tags, first TSNs and nonces.</param>
    /// <param name="deliver">Delivers each complete message in its order.</param>
    internal AssociationState(SctpOptions options, IRandomSource random, Action<IncomingMessage> deliver)
    {
        Options = options;
        Random = random;
        _deliver = deliver;
        Packets = new OutgoingPackets(options, Counters);
        Events = new EventQueue(Counters);
        Rto = new RetransmissionTimeout(options);
    }

    internal SctpOptions Options { get; }

    internal IRandomSource Random { get; }

    internal SctpCounters Counters { get; } = new();

    internal OutgoingPackets Packets { get; }

    internal EventQueue Events { get; }

    internal SctpState State { get; set; }

    /// <summary>The tag of packets to us; 0 when there is no association.</summary>
    internal uint LocalTag { get; private set; }

    /// <summary>The tag of packets to the peer; 0 while it is not known.</summary>
    internal uint PeerTag { get; set; }

    internal uint LocalInitialTsn { get; private set; }

    internal RetransmissionTimeout Rto { get; private set; }

    /// <summary>Null until the peer's INIT or INIT ACK has set its capabilities.</summary>
    internal DataSender? Sender { get; private set; }

    internal DataReceiver? Receiver { get; private set; }

    internal int OutboundStreams { get; private set; }

    internal bool PeerTakesReconfig { get; private set; }

    /// <summary>Both sides know each other's tags.</summary>
    internal bool HasPeer => State is not (SctpState.Closed or SctpState.CookieWait);

    /// <summary>DATA and SACK may leave: not before the COOKIE ACK.</summary>
    internal bool MayTransfer => HasPeer && State != SctpState.CookieEchoed && Sender is not null && Receiver is not null;

    internal uint NewTag()
    {
        uint tag;
        do tag = Random.NextUInt32();
        while (tag == 0);
        return tag;
    }

    /// <summary>For a local INIT.</summary>
    internal void Begin()
    {
        Name(NewTag(), Random.NextUInt32());
        PeerTag = 0;
        Sender = null;
        Receiver = null;
    }

    internal void Name(uint localTag, uint localInitialTsn)
    {
        LocalTag = localTag;
        LocalInitialTsn = localInitialTsn;
    }

    internal void Build(in PeerParameters peer)
    {
        PeerTag = peer.Tag;
        OutboundStreams = Math.Min(SctpLimits.MaxStreams, (int)peer.InboundStreams);
        PeerTakesReconfig = peer.SupportsReconfig;
        Sender = new DataSender(LocalInitialTsn, peer.ReceiverWindow, peer.SupportsForwardTsn, Rto, Counters);
        Receiver = new DataReceiver(peer.InitialTsn, Options, _deliver);
    }

    internal void ForgetRoundTrip() => Rto = new RetransmissionTimeout(Options);

    internal void Close()
    {
        State = SctpState.Closed;
        Packets.ForgetControl();
        Sender = null;
        Receiver = null;
        LocalTag = 0;
        PeerTag = 0;
        ForgetRoundTrip();
    }
}

/// <summary>The peer's properties from its INIT, INIT ACK or cookie.</summary>
internal readonly record struct PeerParameters(uint Tag, uint InitialTsn, uint ReceiverWindow, ushort InboundStreams, bool SupportsForwardTsn, bool SupportsReconfig);
