using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace JitsiMesh.Srtp.Native;

/// <summary>An EVP_CIPHER_CTX with its key schedule, reused for every packet with a new initialisation vector. Not thread-safe.</summary>
internal sealed unsafe class EvpCipherContext : SafeHandle
{
    public const int TagLength = 16;

    private EvpCipherContext(nint cipher, ReadOnlySpan<byte> key, bool encrypt)
        : base(0, ownsHandle: true)
    {
        SetHandle(LibCrypto.EVP_CIPHER_CTX_new());
        if (IsInvalid) throw new CryptographicException("No cipher context.");
        fixed (byte* keyPointer = key)
        {
            if (LibCrypto.EVP_CipherInit_ex(handle, cipher, 0, keyPointer, null, encrypt ? 1 : 0) != 1) throw new CryptographicException("The cipher refused its key.");
        }
    }

    public override bool IsInvalid => handle == 0;

    public static EvpCipherContext CreateGcm(ReadOnlySpan<byte> key, bool encrypt) => new(LibCrypto.EVP_aes_128_gcm(), key, encrypt);

    public static EvpCipherContext CreateCounterMode(ReadOnlySpan<byte> key) => new(LibCrypto.EVP_aes_128_ctr(), key, encrypt: true);

    /// <summary>Counter mode over <paramref name="source"/>; the destination is the same span or a disjoint one.</summary>
    public bool Transform(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (IsClosed || destination.Length < source.Length) return false;
        int written;
        bool done;
        fixed (byte* ivPointer = iv, input = source, output = destination)
        {
            done = LibCrypto.SetIv(handle, 0, 0, null, ivPointer, -1) == 1
                && (source.IsEmpty || LibCrypto.EVP_EncryptUpdate(handle, output, &written, input, source.Length) == 1);
        }

        GC.KeepAlive(this);
        return done;
    }

    /// <summary>GCM: encrypts and writes the tag of 16 bytes. The additional data may come in two pieces.</summary>
    public bool Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> data1, ReadOnlySpan<byte> data2, ReadOnlySpan<byte> source, Span<byte> destination, Span<byte> tag)
    {
        if (IsClosed || destination.Length < source.Length || tag.Length < TagLength) return false;
        int written;
        bool done;
        fixed (byte* ivPointer = iv, data1Pointer = data1, data2Pointer = data2, input = source, output = destination, tagPointer = tag)
        {
            done = LibCrypto.SetIv(handle, 0, 0, null, ivPointer, -1) == 1
                && (data1.IsEmpty || LibCrypto.EVP_EncryptUpdate(handle, null, &written, data1Pointer, data1.Length) == 1)
                && (data2.IsEmpty || LibCrypto.EVP_EncryptUpdate(handle, null, &written, data2Pointer, data2.Length) == 1)
                && (source.IsEmpty || LibCrypto.EVP_EncryptUpdate(handle, output, &written, input, source.Length) == 1)
                && LibCrypto.EVP_EncryptFinal_ex(handle, tagPointer, &written) == 1
                && LibCrypto.EVP_CIPHER_CTX_ctrl(handle, LibCrypto.AeadGetTag, TagLength, tagPointer) == 1;
        }

        GC.KeepAlive(this);
        return done;
    }

    /// <summary>GCM: decrypts and verifies the tag. If it returns false, the content of the destination is undefined.</summary>
    public bool Open(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> data1, ReadOnlySpan<byte> data2, ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<byte> tag)
    {
        if (IsClosed || destination.Length < source.Length || tag.Length < TagLength) return false;
        int written;
        bool done;
        var scratch = stackalloc byte[16];
        fixed (byte* ivPointer = iv, data1Pointer = data1, data2Pointer = data2, input = source, output = destination, tagPointer = tag)
        {
            done = LibCrypto.SetIv(handle, 0, 0, null, ivPointer, -1) == 1
                && LibCrypto.EVP_CIPHER_CTX_ctrl(handle, LibCrypto.AeadSetTag, TagLength, tagPointer) == 1
                && (data1.IsEmpty || LibCrypto.EVP_DecryptUpdate(handle, null, &written, data1Pointer, data1.Length) == 1)
                && (data2.IsEmpty || LibCrypto.EVP_DecryptUpdate(handle, null, &written, data2Pointer, data2.Length) == 1)
                && (source.IsEmpty || LibCrypto.EVP_DecryptUpdate(handle, output, &written, input, source.Length) == 1)
                && LibCrypto.EVP_DecryptFinal_ex(handle, scratch, &written) == 1;
        }

        GC.KeepAlive(this);
        return done;
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle);
        return true;
    }
}
