namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Remembers received sequence numbers: probing and retransmission repeat packets.</summary>
internal sealed class DuplicateFilter
{
    /// <summary>Numbers remembered; an older packet counts as a duplicate.</summary>
    public const int Window = 2048;

    private readonly ulong[] _bits = new ulong[Window / 64];
    private long _highest = -1;

    /// <summary>True when the number is new.</summary>
    public bool TryAdd(long sequence)
    {
        if (_highest < 0 || sequence - _highest >= Window)
        {
            Array.Clear(_bits);
            _highest = sequence;
        }
        else if (sequence > _highest)
        {
            for (var n = _highest + 1; n < sequence; n++) _bits[Word(n)] &= ~Bit(n);
            _highest = sequence;
            _bits[Word(sequence)] &= ~Bit(sequence);
        }
        else if (sequence <= _highest - Window)
        {
            return false;
        }

        ref var word = ref _bits[Word(sequence)];
        if ((word & Bit(sequence)) != 0) return false;
        word |= Bit(sequence);
        return true;
    }

    private static int Word(long n) => (int)((n & (Window - 1)) >> 6);

    private static ulong Bit(long n) => 1UL << (int)(n & 63);
}
