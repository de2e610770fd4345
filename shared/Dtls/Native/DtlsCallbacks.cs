using System.Runtime.InteropServices;

namespace JitsiMesh.Dtls.Native;

/// <summary>
/// The callbacks for OpenSSL. It calls them only inside a call of this library, on the same thread, so a
/// thread-static field holds the calling transport and no handle table is needed.
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

    /// <summary>Replaces the chain validation: a self-signed certificate is verified only by its fingerprint (RFC 5763 section 5).</summary>
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
