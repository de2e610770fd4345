using System.Buffers.Binary;
using System.Security.Cryptography;

namespace JitsiMesh.Primitives;

/// <summary>The randomness of a protocol machine, injected so that any run can be replayed from a seed.</summary>
public interface IRandomSource
{
    void Fill(Span<byte> destination);
}

/// <summary>The system's cryptographic source, used by every deployed service.</summary>
public sealed class SecureRandomSource : IRandomSource
{
    public static readonly SecureRandomSource Instance = new();

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}

/// <summary>A reproducible source for tests and the simulation (splitmix64). Never for keys.</summary>
public sealed class SeededRandomSource(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    public void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block, Next());
            var take = Math.Min(8, destination.Length);
            block[..take].CopyTo(destination);
            destination = destination[take..];
        }
    }

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

public static class RandomSourceExtensions
{
    public static ulong NextUInt64(this IRandomSource source)
    {
        Span<byte> bytes = stackalloc byte[8];
        source.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public static uint NextUInt32(this IRandomSource source) => (uint)source.NextUInt64();

    /// <summary>A number in [0, exclusiveMax). The bias of the multiplication is below 2^-32 and does not matter here.</summary>
    public static int NextInt(this IRandomSource source, int exclusiveMax) =>
        (int)(((source.NextUInt64() >> 32) * (ulong)exclusiveMax) >> 32);

    /// <summary>A number in [0, 1).</summary>
    public static double NextDouble(this IRandomSource source) => (source.NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A string of <paramref name="length"/> characters, each drawn from <paramref name="alphabet"/>.</summary>
    public static string NextString(this IRandomSource source, int length, string alphabet)
    {
        var chars = new char[length];
        for (var i = 0; i < length; i++) chars[i] = alphabet[source.NextInt(alphabet.Length)];
        return new string(chars);
    }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public static string NextHex(this IRandomSource source, int digits) => source.NextString(digits, "0123456789abcdef");

    /// <summary>A version 4 UUID (RFC 9562 section 5.4), lower case.</summary>
    public static string NextUuid(this IRandomSource source)
    {
        Span<byte> bytes = stackalloc byte[16];
        source.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
