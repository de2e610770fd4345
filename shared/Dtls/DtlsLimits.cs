namespace JitsiMesh.Dtls;

public static class DtlsLimits
{
    /// <summary>The largest datagram that is read: the UDP payload of an Ethernet frame with room for jumbo tunnels. A larger one is dropped and counted.</summary>
    public const int MaxDatagram = 2048;

    /// <summary>The largest piece of application data sent or read. <see cref="DtlsTransport.Send"/> refuses a larger one; a larger one read is dropped.</summary>
    public const int MaxApplicationData = 1400;

    /// <summary>Pieces of application data queued for the owner. One more is dropped and counted; SCTP retransmits it.</summary>
    public const int MaxQueuedApplicationData = 256;

    /// <summary>Datagrams queued for sending. When full, <see cref="DtlsTransport.Send"/> returns false; handshake flights always fit.</summary>
    public const int MaxQueuedDatagrams = 256;

    /// <summary>The largest peer certificate that is examined (DER). A larger one fails the handshake. Browsers send 200 to 400 bytes.</summary>
    public const int MaxCertificate = 16 * 1024;

    /// <summary>
    /// Retransmissions of one flight. With the default of 300 ms, doubling, the sixth copy is sent 18.9 s after the flight, well before the 30 s
    /// after which the handshake fails. OpenSSL itself gives up at twelve.
    /// </summary>
    public const int MaxRetransmissions = 6;

    /// <summary>Fingerprints stored from signalling; more are ignored.</summary>
    public const int MaxFingerprints = 16;

    /// <summary>Bytes of a signalled fingerprint; a longer one is invalid. SHA-512 has 64.</summary>
    public const int MaxFingerprintBytes = 64;

    /// <summary>Characters of a hash function's name; a longer one is invalid.</summary>
    public const int MaxHashName = 32;
}
