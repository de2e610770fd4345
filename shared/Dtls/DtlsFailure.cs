namespace JitsiMesh.Dtls;

/// <summary>Why a transport is <see cref="DtlsState.Failed"/>.</summary>
public enum DtlsFailure
{
    None,

    /// <summary>The handshake was not done within <see cref="DtlsOptions.HandshakeTimeout"/>.</summary>
    Timeout,

    /// <summary>The peer's certificate is not the one that signalling promised (RFC 8122 section 6.2).</summary>
    FingerprintMismatch,

    /// <summary>Signalling promised only fingerprints of hash functions that we do not know.</summary>
    FingerprintUnsupported,

    /// <summary>No use_srtp profile is common to both sides (RFC 5764 section 4.1).</summary>
    NoSrtpProfile,

    /// <summary>The peer broke the protocol, sent a fatal alert, or has nothing in common with us; <see cref="DtlsTransport.FailureDetail"/> has OpenSSL's words.</summary>
    Handshake,

    /// <summary>The same after the handshake.</summary>
    Connection,
}
