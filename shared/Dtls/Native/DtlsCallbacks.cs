using System.Runtime.InteropServices;

namespace JitsiMesh.Dtls.Native;

/// <summary>
/// What OpenSSL calls back into. It does so only inside one of our calls, on the same thread, so the transport that is calling stands in a
/// thread-static field and no handle table is needed.
/// </summary>
internal static unsafe class DtlsCallbacks
{
    [ThreadStatic]
    private static DtlsTransport? t_caller;

    internal static DtlsTransport? Caller
    {
        get => t_caller;
        set => t_caller = value;
    }

    /// <summary>Takes the place of chain building: a self-signed certificate proves itself by its fingerprint alone (RFC 5763 section 5).</summary>
    [UnmanagedCallersOnly]
    internal static int VerifyCertificate(nint storeContext, nint argument)
    {
        var transport = t_caller;
        var certificate = OpenSsl.X509_STORE_CTX_get0_cert(storeContext);
        if (transport is not null && certificate != 0 && transport.AcceptPeerCertificate(certificate)) return 1;
        OpenSsl.X509_STORE_CTX_set_error(storeContext, OpenSsl.CertificateRejected);
        return 0;
    }

    [UnmanagedCallersOnly]
    internal static uint NextTimerDuration(nint ssl, uint current) => t_caller?.Flights.OnOpenSslTimer(current) ?? FlightRetransmission.NeverMicroseconds;
}
