using System.Reflection;
using System.Runtime.InteropServices;

namespace JitsiMesh.Dtls.Native;

/// <summary>
/// The calls of OpenSSL 3 (libssl, libcrypto) that DTLS 1.2 with use_srtp needs. Macros of its headers appear as the control numbers behind them
/// (<c>ssl.h</c>, <c>bio.h</c>, <c>tls1.h</c>), which are part of its stable ABI.
/// </summary>
internal static unsafe partial class OpenSsl
{
    internal const string Ssl = "libssl";
    internal const string Crypto = "libcrypto";

    internal const int ControlSetMtu = 17;
    internal const int ControlSessionCacheMode = 44;
    internal const int ControlGetTimeout = 73;
    internal const int ControlHandleTimeout = 74;
    internal const int ControlGroupsList = 92;
    internal const int ControlMinimumVersion = 123;
    internal const int ControlMaximumVersion = 124;
    internal const int BioControlReset = 1;
    internal const int BioControlInfo = 3;
    internal const int BioControlPending = 10;
    internal const int BioControlEofReturn = 130;

    internal const int ErrorNone = 0;
    internal const int ErrorSsl = 1;
    internal const int ErrorWantRead = 2;
    internal const int ErrorWantWrite = 3;
    internal const int ErrorZeroReturn = 6;

    internal const ulong OptionNoQueryMtu = 1UL << 12;
    internal const ulong OptionNoTicket = 1UL << 14;
    internal const ulong OptionCipherServerPreference = 1UL << 22;
    internal const ulong OptionNoRenegotiation = 1UL << 30;

    internal const int VerifyPeer = 1;
    internal const int VerifyFailIfNoPeerCertificate = 2;
    internal const int KeyTypeEc = 408;
    internal const int VersionDtls12 = 0xFEFD;
    internal const int CertificateRejected = 28;

    static OpenSsl() => NativeLibrary.SetDllImportResolver(typeof(OpenSsl).Assembly, Resolve);

    [LibraryImport(Ssl)] internal static partial nint DTLS_method();

    [LibraryImport(Ssl)] internal static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Ssl)] internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(Ssl)] internal static partial nint SSL_CTX_ctrl(SslContextHandle context, int command, nint number, nint pointer);

    [LibraryImport(Ssl)] internal static partial ulong SSL_CTX_set_options(SslContextHandle context, ulong options);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(SslContextHandle context, string list);

    [LibraryImport(Ssl)] internal static partial int SSL_CTX_use_certificate_ASN1(SslContextHandle context, int length, byte* der);

    [LibraryImport(Ssl)] internal static partial int SSL_CTX_use_PrivateKey_ASN1(int type, SslContextHandle context, byte* der, nint length);

    [LibraryImport(Ssl)] internal static partial void SSL_CTX_set_verify(SslContextHandle context, int mode, nint callback);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_set_cert_verify_callback(SslContextHandle context, delegate* unmanaged<nint, nint, int> callback, nint argument);

    [LibraryImport(Ssl)] internal static partial nint SSL_new(SslContextHandle context);

    [LibraryImport(Ssl)] internal static partial void SSL_free(nint ssl);

    [LibraryImport(Ssl)] internal static partial void SSL_set_bio(SslHandle ssl, nint read, nint write);

    [LibraryImport(Ssl)] internal static partial void SSL_set_accept_state(SslHandle ssl);

    [LibraryImport(Ssl)] internal static partial void SSL_set_connect_state(SslHandle ssl);

    [LibraryImport(Ssl)] internal static partial nint SSL_ctrl(SslHandle ssl, int command, nint number, void* pointer);

    [LibraryImport(Ssl)] internal static partial void DTLS_set_timer_cb(SslHandle ssl, delegate* unmanaged<nint, uint, uint> callback);

    /// <summary>Unlike the others this one returns 0 on success.</summary>
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_set_tlsext_use_srtp(SslHandle ssl, string profiles);

    [LibraryImport(Ssl)] internal static partial int SSL_do_handshake(SslHandle ssl);

    [LibraryImport(Ssl)] internal static partial int SSL_read(SslHandle ssl, byte* buffer, int length);

    [LibraryImport(Ssl)] internal static partial int SSL_write(SslHandle ssl, byte* buffer, int length);

    [LibraryImport(Ssl)] internal static partial int SSL_shutdown(SslHandle ssl);

    [LibraryImport(Ssl)] internal static partial int SSL_get_error(SslHandle ssl, int result);

    [LibraryImport(Ssl)] internal static partial nint SSL_get_current_cipher(SslHandle ssl);

    [LibraryImport(Ssl)] internal static partial uint SSL_CIPHER_get_id(nint cipher);

    [LibraryImport(Ssl)] internal static partial SrtpProtectionProfile* SSL_get_selected_srtp_profile(SslHandle ssl);

    [LibraryImport(Ssl)]
    internal static partial int SSL_export_keying_material(
        SslHandle ssl, byte* output, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    [LibraryImport(Crypto)] internal static partial nint BIO_s_mem();

    [LibraryImport(Crypto)] internal static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)] internal static partial int BIO_free(nint bio);

    [LibraryImport(Crypto)] internal static partial int BIO_write(nint bio, byte* data, int length);

    [LibraryImport(Crypto)] internal static partial nint BIO_ctrl(nint bio, int command, nint number, void* pointer);

    [LibraryImport(Crypto)] internal static partial nint X509_STORE_CTX_get0_cert(nint context);

    [LibraryImport(Crypto)] internal static partial void X509_STORE_CTX_set_error(nint context, int error);

    [LibraryImport(Crypto)] internal static partial int i2d_X509(nint certificate, byte** output);

    [LibraryImport(Crypto)] internal static partial void ERR_clear_error();

    [LibraryImport(Crypto)] internal static partial nuint ERR_peek_error();

    [LibraryImport(Crypto)] internal static partial void ERR_error_string_n(nuint code, byte* buffer, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    internal struct SrtpProtectionProfile
    {
        internal nint Name;
        internal CULong Id;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (Ssl or Crypto)) return 0;
        foreach (var candidate in Candidates(name))
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle)) return handle;
        }

        throw new DllNotFoundException($"OpenSSL 3 is needed for DTLS and {name} of it was not found: install the distribution's libssl3 package.");
    }

    private static IEnumerable<string> Candidates(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            yield return RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? $"{name}-3-arm64.dll" : $"{name}-3-x64.dll";
            yield break;
        }

        if (OperatingSystem.IsMacOS())
        {
            yield return $"{name}.3.dylib";
            yield return $"/opt/homebrew/opt/openssl@3/lib/{name}.3.dylib";
            yield return $"/usr/local/opt/openssl@3/lib/{name}.3.dylib";
            yield break;
        }

        yield return $"{name}.so.3";
    }
}
