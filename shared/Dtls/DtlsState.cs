namespace JitsiMesh.Dtls;

public enum DtlsState
{
    New,

    /// <summary>Flights are under way, or they are done and the peer's fingerprint is not known yet.</summary>
    Handshaking,

    /// <summary>The handshake is done, the peer's certificate matched and the SRTP keys are there.</summary>
    Connected,
    Failed,

    /// <summary>One side said close_notify.</summary>
    Closed,
}
