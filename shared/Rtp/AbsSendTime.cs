using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp;

/// <summary>The abs-send-time extension: 24 bits, seconds in 6.18 fixed point, wrapping every 64 s.</summary>
public static class AbsSendTime
{
    public const string Uri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

    public const int Length = 3;

    private const uint Mask = 0x00FF_FFFF;

    public static uint FromTime(MonotonicTime time) => (uint)((UInt128)(ulong)time.Nanoseconds * (1 << 18) / 1_000_000_000) & Mask;

    public static void Write(Span<byte> value, MonotonicTime time)
    {
        var units = FromTime(time);
        value[0] = (byte)(units >> 16);
        value[1] = (byte)(units >> 8);
        value[2] = (byte)units;
    }

    public static bool TryParse(ReadOnlySpan<byte> value, out uint units)
    {
        units = 0;
        if (value.Length != Length) return false;
        units = (uint)((value[0] << 16) | (value[1] << 8) | value[2]);
        return true;
    }

    /// <summary>The signed time from one stamp to another, by the shorter direction around the 64 s circle.</summary>
    public static TimeSpan Difference(uint from, uint to)
    {
        var units = (int)((to - from) << 8) >> 8;
        return TimeSpan.FromTicks(units * TimeSpan.TicksPerSecond / (1 << 18));
    }
}
