using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp;

/// <summary>What one part of an association brings about in the others. <see cref="SctpAssociation"/> passes it on, so that the parts do not know each other.</summary>
internal interface IAssociation
{
    /// <summary>The association is over; the peer is told nothing.</summary>
    void GoDown(SctpDownReason reason);

    /// <summary>Tells the peer why, when its tag is known, and ends.</summary>
    void AbortWith(ushort cause, SctpDownReason reason);

    /// <summary>Both halves of the data transfer are new: request numbers of stream resets begin with the first TSNs (RFC 6525 section 4.1).</summary>
    void OnBuilt(uint peerInitialTsn);

    /// <summary>The peer lost its association and makes another in its place (RFC 9260 section 5.2.4.1): what belonged to the old one ends.</summary>
    void OnRestarted();

    void OnEstablished(MonotonicTime now);

    /// <summary>The peer's outgoing stream, our incoming one, begins anew.</summary>
    void OnIncomingReset(ushort stream);

    /// <summary>A request of the peer's that names no stream is for all of them (RFC 6525 section 4.1).</summary>
    void OnAllIncomingReset();

    /// <summary>Our outgoing stream was reset, or the peer does not reset streams.</summary>
    void OnOutgoingReset(ushort stream);
}
