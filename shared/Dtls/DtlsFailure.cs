namespace JitsiMesh.Dtls;

/// <summary>Why a transport is <see cref="DtlsState.Failed"/>.</summary>
public enum DtlsFailure
{
    None,

    /// <summary>The handshake was not completed within <see cref="DtlsOptions.HandshakeTimeout"/>.</summary>
    Timeout,

    /// <summary>The peer's certificate does not match the signalled fingerprints (RFC 8122 section 6.2).</summary>
    FingerprintMismatch,

    /// <summary>Only fingerprints of unknown hash functions were signalled.</summary>
    FingerprintUnsupported,

    /// <summary>No use_srtp profile is common to both sides (RFC 5764 section 4.1).</summary>
    NoSrtpProfile,

    /// <summary>The peer violated the protocol, sent a fatal alert, or has no parameters in common; <see cref="DtlsTransport.FailureDetail"/> has OpenSSL's text.</summary>
    Handshake,

    /// <summary>The same after the handshake.</summary>
    Connection,
}
