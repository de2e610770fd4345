using System.Security.Cryptography;

namespace JitsiMesh.Srtp.Native;

/// <summary>
/// HMAC-SHA1 (RFC 2104) with the states after both pads precomputed: a message costs its own blocks and one more. EVP_MAC would clone its
/// contexts on the heap for each message.
/// </summary>
internal sealed unsafe class HmacSha1
{
    public const int DigestLength = 20;
    private const int BlockLength = 64;

    private readonly Sha1Context _inner;
    private readonly Sha1Context _outer;

    /// <param name="key">At most 64 bytes.</param>
    public HmacSha1(ReadOnlySpan<byte> key)
    {
        Span<byte> pad = stackalloc byte[BlockLength];
        _inner = Prepare(key, pad, 0x36);
        _outer = Prepare(key, pad, 0x5C);
        CryptographicOperations.ZeroMemory(pad);
    }

    /// <summary>The digest over <paramref name="first"/> and then <paramref name="second"/>.</summary>
    public void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> digest)
    {
        if (digest.Length < DigestLength) throw new ArgumentException("A SHA-1 digest has 20 bytes.", nameof(digest));
        var context = _inner;
        fixed (byte* firstPointer = first, secondPointer = second, digestPointer = digest)
        {
            _ = LibCrypto.SHA1_Update(&context, firstPointer, (nuint)first.Length);
            _ = LibCrypto.SHA1_Update(&context, secondPointer, (nuint)second.Length);
            _ = LibCrypto.SHA1_Final(digestPointer, &context);
            context = _outer;
            _ = LibCrypto.SHA1_Update(&context, digestPointer, DigestLength);
            _ = LibCrypto.SHA1_Final(digestPointer, &context);
        }
    }

    private static Sha1Context Prepare(ReadOnlySpan<byte> key, Span<byte> pad, byte value)
    {
        pad.Fill(value);
        for (var i = 0; i < key.Length; i++) pad[i] ^= key[i];
        Sha1Context context;
        fixed (byte* pointer = pad)
        {
            _ = LibCrypto.SHA1_Init(&context);
            _ = LibCrypto.SHA1_Update(&context, pointer, BlockLength);
        }

        return context;
    }
}
