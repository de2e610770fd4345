using JitsiMesh.Primitives;

namespace JitsiMesh.Fuzz.Tests;

/// <summary>Changes valid inputs the ways that find parsers out: flipped bits, telling numbers, cuts, and pieces of one sample in another.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> samples, IRandomSource random)
{
    private static readonly byte[] TellingBytes = [0x00, 0x01, 0x03, 0x04, 0x7F, 0x80, 0xFE, 0xFF];

    private readonly byte[] _buffer = new byte[samples.Max(s => s.Length) * 2];

    internal ReadOnlySpan<byte> Next()
    {
        var sample = samples[random.NextInt(samples.Count)];
        sample.CopyTo(_buffer, 0);
        var length = sample.Length;
        for (var changes = 1 + random.NextInt(4); changes > 0 && length > 0; changes--) length = Change(length);
        return _buffer.AsSpan(0, length);
    }

    private int Change(int length)
    {
        var at = random.NextInt(length);
        switch (random.NextInt(8))
        {
            case 0 or 1:
                _buffer[at] ^= (byte)(1 << random.NextInt(8));
                return length;
            case 2:
                _buffer[at] = (byte)random.NextInt(256);
                return length;
            case 3 or 4:
                _buffer[at] = TellingBytes[random.NextInt(TellingBytes.Length)];
                return length;
            case 5:
                return at;
            case 6:
                // A piece of another sample over this one.
                var other = samples[random.NextInt(samples.Count)];
                var from = random.NextInt(other.Length);
                var count = Math.Min(random.NextInt(40) + 1, Math.Min(other.Length - from, _buffer.Length - at));
                other.AsSpan(from, count).CopyTo(_buffer.AsSpan(at));
                return Math.Max(length, at + count);
            default:
                // The rest of the input once more behind itself.
                var rest = Math.Min(length - at, _buffer.Length - length);
                _buffer.AsSpan(at, rest).CopyTo(_buffer.AsSpan(length));
                return length + rest;
        }
    }
}
