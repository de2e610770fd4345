using System.Runtime.CompilerServices;

namespace JitsiMesh.Srtp;

/// <summary>
/// The replay list of RFC 3711 section 3.3.2 as a ring of bits. <see cref="Check"/> tests, <see cref="Commit"/> marks: commit only an authenticated
/// packet.
/// </summary>
internal struct ReplayWindow
{
    private const int Size = SrtpLimits.ReplayWindowSize;

    private Words _bits;
    private long _highestPlusOne;

    /// <summary>The greatest index committed, or <see cref="PacketIndex.None"/>.</summary>
    public readonly long Highest => _highestPlusOne - 1;

    public readonly SrtpResult Check(long index)
    {
        if (index < 0 || index <= Highest - Size) return SrtpResult.TooOld;
        if (index > Highest) return SrtpResult.Ok;
        return (_bits[Word(index)] & Bit(index)) != 0 ? SrtpResult.Replayed : SrtpResult.Ok;
    }

    public void Commit(long index)
    {
        if (index > Highest)
        {
            var skipped = index - Highest;
            if (skipped >= Size) _bits = default;
            else for (var i = Highest + 1; i <= index; i++) _bits[Word(i)] &= ~Bit(i);
            _highestPlusOne = index + 1;
        }

        _bits[Word(index)] |= Bit(index);
    }

    private static int Word(long index) => (int)(index >> 6) & ((Size / 64) - 1);

    private static ulong Bit(long index) => 1UL << (int)(index & 63);

    [InlineArray(Size / 64)]
    private struct Words
    {
        private ulong _first;
    }
}
