using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp;

/// <summary>The effects of one part of an association on the others. <see cref="SctpAssociation"/> passes them on, so that the parts do not depend on each other.</summary>
internal interface IAssociation
{
    /// <summary>The association ended, without a message to the peer.</summary>
    void GoDown(SctpDownReason reason);

    /// <summary>Aborts with a reason for the peer, if its tag is known, and ends.</summary>
    void AbortWith(ushort cause, SctpDownReason reason);

    /// <summary>Both halves of the data transfer are new: request numbers of stream resets start with the first TSNs (RFC 6525 section 4.1).</summary>
    void OnBuilt(uint peerInitialTsn);

    /// <summary>The peer lost its association and creates another one in its place (RFC 9260 section 5.2.4.1): the state of the old one ends.</summary>
    void OnRestarted();

    void OnEstablished(MonotonicTime now);

    /// <summary>The peer's outgoing stream, which is incoming here, restarts.</summary>
    void OnIncomingReset(ushort stream);

    /// <summary>A request of the peer's that names no stream is for all of them (RFC 6525 section 4.1).</summary>
    void OnAllIncomingReset();

    /// <summary>Our outgoing stream was reset, or the peer does not reset streams.</summary>
    void OnOutgoingReset(ushort stream);
}
