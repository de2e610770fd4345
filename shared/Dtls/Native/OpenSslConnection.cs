using System.Security.Cryptography;

namespace JitsiMesh.Dtls.Native;

internal enum StepResult
{
    Done,
    NeedsInput,

    /// <summary>The peer sent close_notify.</summary>
    Ended,
    Failed,
}

/// <summary>One SSL with its two memory BIOs, without any timing.</summary>
internal sealed unsafe class OpenSslConnection : IDisposable
{
    /// <summary>AES-GCM in DTLS 1.2: an explicit nonce of 8 bytes and a tag of 16 (RFC 5288 section 3).</summary>
    internal const int MaxProtectionOverhead = 24;

    private const int ChaChaOverhead = 16;
    private readonly SslHandle _ssl;
    private readonly nint _input;
    private readonly nint _output;

    internal OpenSslConnection(SslContextHandle context, DtlsRole role, DtlsOptions options)
    {
        _ssl = new SslHandle(OpenSsl.SSL_new(context));
        if (_ssl.IsInvalid) throw new CryptographicException($"SSL_new failed: {OpenSslErrors.Take()}");
        _input = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        _output = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        if (_input == 0 || _output == 0)
        {
            if (_input != 0) _ = OpenSsl.BIO_free(_input);
            _ssl.Dispose();
            throw new CryptographicException($"BIO_new failed: {OpenSslErrors.Take()}");
        }

        // An empty BIO must mean "retry", not "end of file".
        OpenSsl.BIO_ctrl(_input, OpenSsl.BioControlEofReturn, -1, null);
        OpenSsl.BIO_ctrl(_output, OpenSsl.BioControlEofReturn, -1, null);
        OpenSsl.SSL_set_bio(_ssl, _input, _output);
        OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlSetMtu, options.Mtu, null);
        OpenSsl.DTLS_set_timer_cb(_ssl, &DtlsCallbacks.NextTimerDuration);
        if (options.SrtpProfiles.Length > 0 && OpenSsl.SSL_set_tlsext_use_srtp(_ssl, options.SrtpProfiles) != 0)
        {
            _ssl.Dispose();
            throw new ArgumentException($"OpenSSL does not know the SRTP profiles \"{options.SrtpProfiles}\".", nameof(options));
        }

        if (role == DtlsRole.Client) OpenSsl.SSL_set_connect_state(_ssl);
        else OpenSsl.SSL_set_accept_state(_ssl);
    }

    /// <summary>The output that was not cleared yet. Valid until the next call.</summary>
    internal ReadOnlySpan<byte> Written
    {
        get
        {
            if (_ssl.IsClosed) return default;
            byte* data;
            var length = OpenSsl.BIO_ctrl(_output, OpenSsl.BioControlInfo, 0, &data);
            return length <= 0 ? default : new ReadOnlySpan<byte>(data, (int)length);
        }
    }

    /// <summary>The overhead of the negotiated suite; ChaCha20-Poly1305 sends no nonce (RFC 7905 section 2).</summary>
    internal int ProtectionOverhead
    {
        get
        {
            // RFC 7905 section 3: 0xCCA8 to 0xCCAE.
            var suite = OpenSsl.SSL_CIPHER_get_id(OpenSsl.SSL_get_current_cipher(_ssl)) & 0xFFFF;
            return suite is >= 0xCCA8 and <= 0xCCAE ? ChaChaOverhead : MaxProtectionOverhead;
        }
    }

    internal bool TimerRuns
    {
        get
        {
            var timeval = stackalloc long[2];
            return OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlGetTimeout, 0, timeval) == 1;
        }
    }

    /// <summary>Exactly one datagram at a time: a memory BIO keeps no boundaries, and OpenSSL treats its whole content as one datagram.</summary>
    internal void Feed(ReadOnlySpan<byte> datagram)
    {
        OpenSsl.BIO_ctrl(_input, OpenSsl.BioControlReset, 0, null);
        fixed (byte* data = datagram) _ = OpenSsl.BIO_write(_input, data, datagram.Length);
    }

    internal void ForgetWritten() => OpenSsl.BIO_ctrl(_output, OpenSsl.BioControlReset, 0, null);

    internal StepResult Handshake()
    {
        var result = OpenSsl.SSL_do_handshake(_ssl);
        return result == 1 ? StepResult.Done : Classify(result);
    }

    internal StepResult Read(Span<byte> buffer, out int length)
    {
        fixed (byte* data = buffer) length = OpenSsl.SSL_read(_ssl, data, buffer.Length);
        return length > 0 ? StepResult.Done : Classify(length);
    }

    internal bool Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data) return OpenSsl.SSL_write(_ssl, bytes, data.Length) == data.Length;
    }

    internal void Shutdown() => _ = OpenSsl.SSL_shutdown(_ssl);

    /// <summary>RFC 5764 section 4.2: client key, server key, client salt, server salt.</summary>
    internal bool TryExportSrtpKeys(DtlsRole role, out SrtpKeyingMaterial? keys)
    {
        keys = null;
        var profile = OpenSsl.SSL_get_selected_srtp_profile(_ssl);
        if (profile == null) return false;
        var id = (int)profile->Id.Value;
        if (id is not (0x0001 or 0x0007)) return false;
        const int KeyLength = 16;
        var saltLength = id == 0x0007 ? 12 : 14;
        var total = 2 * (KeyLength + saltLength);
        Span<byte> material = stackalloc byte[total];
        fixed (byte* output = material)
        fixed (byte* label = "EXTRACTOR-dtls_srtp"u8)
        {
            if (OpenSsl.SSL_export_keying_material(_ssl, output, (nuint)total, label, 19, null, 0, 0) != 1) return false;
        }

        var clientKey = material[..KeyLength].ToArray();
        var serverKey = material.Slice(KeyLength, KeyLength).ToArray();
        var clientSalt = material.Slice(2 * KeyLength, saltLength).ToArray();
        var serverSalt = material.Slice((2 * KeyLength) + saltLength, saltLength).ToArray();
        CryptographicOperations.ZeroMemory(material);
        keys = role == DtlsRole.Client
            ? new SrtpKeyingMaterial(id, clientKey, clientSalt, serverKey, serverSalt)
            : new SrtpKeyingMaterial(id, serverKey, serverSalt, clientKey, clientSalt);
        return true;
    }

    public void Dispose() => _ssl.Dispose();

    private StepResult Classify(int result) => OpenSsl.SSL_get_error(_ssl, result) switch
    {
        OpenSsl.ErrorWantRead or OpenSsl.ErrorWantWrite => StepResult.NeedsInput,
        OpenSsl.ErrorZeroReturn => StepResult.Ended,
        _ => StepResult.Failed,
    };
}
