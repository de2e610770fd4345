namespace JitsiMesh.Dtls;

public enum DtlsState
{
    New,

    /// <summary>The handshake is in progress, or it is complete but the peer's fingerprint is not known yet.</summary>
    Handshaking,

    /// <summary>The handshake is complete, the peer's certificate matched and the SRTP keys are available.</summary>
    Connected,
    Failed,

    /// <summary>One side sent close_notify.</summary>
    Closed,
}
