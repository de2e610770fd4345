using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.Kit;

/// <summary>A stand-in for a bug of ours: whatever needs a random number while it is broken throws in the middle of its work.</summary>
internal sealed class FaultyRandomSource(ulong seed) : IRandomSource
{
    private readonly SeededRandomSource _random = new(seed);
    private int _thrown;

    public bool Broken { get; set; }

    public int Thrown => Volatile.Read(ref _thrown);

    public void Fill(Span<byte> destination)
    {
        if (Broken)
        {
            Interlocked.Increment(ref _thrown);
            throw new InvalidOperationException("This is a test of what happens after a bug.");
        }

        _random.Fill(destination);
    }
}
