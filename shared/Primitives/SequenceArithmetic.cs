namespace JitsiMesh.Primitives;

/// <summary>Comparison of counters that wrap round (RFC 1982; RFC 3550 appendix A.1 for 16 bits).</summary>
public static class SequenceArithmetic
{
    /// <summary>The signed distance from <paramref name="from"/> to <paramref name="to"/>, in -32768..32767.</summary>
    public static int Distance(ushort from, ushort to) => (short)(ushort)(to - from);

    /// <summary>The signed distance from <paramref name="from"/> to <paramref name="to"/> on a 32-bit counter.</summary>
    public static int Distance(uint from, uint to) => (int)(to - from);

    public static bool IsNewer(ushort candidate, ushort reference) => Distance(reference, candidate) > 0;

    public static bool IsNewer(uint candidate, uint reference) => Distance(reference, candidate) > 0;
}

/// <summary>Unwraps a 16-bit sequence number to 64 bits, by the smallest step from the highest number seen.</summary>
public struct SequenceUnwrapper
{
    private long _highest;
    private bool _started;

    public readonly bool Started => _started;

    public readonly long Highest => _highest;

    public long Unwrap(ushort value)
    {
        var result = Peek(value);
        _started = true;
        if (result > _highest || _highest == 0) _highest = Math.Max(result, _highest);
        return result;
    }

    /// <summary>The same as <see cref="Unwrap"/> without updating the highest number. The first number maps to 65536 plus itself, so that late ones stay positive.</summary>
    public readonly long Peek(ushort value)
    {
        if (!_started) return 65536L + value;
        return _highest + SequenceArithmetic.Distance((ushort)_highest, value);
    }
}
