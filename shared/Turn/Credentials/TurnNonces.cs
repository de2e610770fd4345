using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Credentials;

/// <summary>
/// Stateless nonces: the time of creation and a MAC over it and the client's address, as 16 characters. They are short, since the answer that carries one must not be
/// much longer than the request.
/// </summary>
internal sealed class TurnNonces
{
    /// <summary>Characters of a nonce.</summary>
    public const int Size = 16;

    private const int RawSize = 12;
    private const int TimeSize = 4;
    private readonly byte[] _key = new byte[32];

    public TurnNonces(IRandomSource random) => random.Fill(_key);

    public void Create(in FiveTuple client, MonotonicTime now, Span<byte> nonce)
    {
        Span<byte> raw = stackalloc byte[RawSize];
        Make((uint)(long)now.TotalSeconds, client, raw);
        Base64.EncodeToUtf8(raw, nonce, out _, out _);
    }

    /// <summary>Whether this server issued the nonce to this client and it has not expired.</summary>
    public bool IsGood(ReadOnlySpan<byte> nonce, in FiveTuple client, MonotonicTime now)
    {
        Span<byte> raw = stackalloc byte[RawSize];
        if (nonce.Length != Size || Base64.DecodeFromUtf8(nonce, raw, out _, out var written) != System.Buffers.OperationStatus.Done || written != RawSize) return false;
        var made = BinaryPrimitives.ReadUInt32BigEndian(raw);
        Span<byte> right = stackalloc byte[RawSize];
        Make(made, client, right);
        var age = now.TotalSeconds - made;
        return CryptographicOperations.FixedTimeEquals(raw, right) && age >= -1 && age < TurnLimits.NonceLifetime.TotalSeconds;
    }

    private void Make(uint seconds, in FiveTuple client, Span<byte> raw)
    {
        Span<byte> covered = stackalloc byte[TimeSize + 8 + 8 + 2 + 1];
        BinaryPrimitives.WriteUInt32BigEndian(covered, seconds);
        BinaryPrimitives.WriteUInt64BigEndian(covered[4..], client.Client.High);
        BinaryPrimitives.WriteUInt64BigEndian(covered[12..], client.Client.Low);
        BinaryPrimitives.WriteUInt16BigEndian(covered[20..], client.Client.Port);
        covered[22] = (byte)client.Transport;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, covered, mac);
        covered[..TimeSize].CopyTo(raw);
        mac[..(RawSize - TimeSize)].CopyTo(raw[TimeSize..]);
    }
}
