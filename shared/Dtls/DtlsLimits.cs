namespace JitsiMesh.Dtls;

public static class DtlsLimits
{
    /// <summary>The largest datagram read, an Ethernet frame's UDP payload with room for jumbo tunnels. A larger one is dropped and counted.</summary>
    public const int MaxDatagram = 2048;

    /// <summary>The largest piece of application data sent or read. <see cref="DtlsTransport.Send"/> refuses a larger one; a larger one read is dropped.</summary>
    public const int MaxApplicationData = 1400;

    /// <summary>Pieces of application data that wait for the owner. One more is dropped and counted; SCTP sends it again.</summary>
    public const int MaxQueuedApplicationData = 256;

    /// <summary>Datagrams that wait to be sent. When full, <see cref="DtlsTransport.Send"/> says false; handshake flights always fit.</summary>
    public const int MaxQueuedDatagrams = 256;

    /// <summary>The largest peer certificate looked at (DER). A larger one fails the handshake. Browsers send 200 to 400 bytes.</summary>
    public const int MaxCertificate = 16 * 1024;

    /// <summary>
    /// How often one flight is sent again. With the default 300 ms doubling, the sixth copy leaves 18.9 s after the flight, well before the 30 s
    /// after which the handshake fails. OpenSSL itself gives up at twelve.
    /// </summary>
    public const int MaxRetransmissions = 6;

    /// <summary>Fingerprints kept from signalling; more are ignored.</summary>
    public const int MaxFingerprints = 16;

    /// <summary>Bytes of a signalled fingerprint; a longer one is not well formed. SHA-512 has 64.</summary>
    public const int MaxFingerprintBytes = 64;

    /// <summary>Characters of a hash function's name; a longer one is not well formed.</summary>
    public const int MaxHashName = 32;
}
