namespace JitsiMesh.Rtp;

/// <summary>An NTP timestamp: seconds since 1900 in 32.32 fixed point (RFC 3550 section 4).</summary>
public readonly record struct NtpTime(ulong Value)
{
    private static readonly DateTimeOffset Epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public uint Seconds => (uint)(Value >> 32);

    public uint Fraction => (uint)Value;

    /// <summary>The middle 32 bits, as in LSR and LRR: 16.16 seconds.</summary>
    public uint Compact => (uint)(Value >> 16);

    public static NtpTime FromDateTime(DateTimeOffset time)
    {
        var ticks = (time - Epoch).Ticks;
        var seconds = (ulong)(ticks / TimeSpan.TicksPerSecond);
        var fraction = ((ulong)(ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return new NtpTime((seconds << 32) | fraction);
    }

    /// <summary>Valid until 7 February 2036, when the 32 bits of seconds wrap.</summary>
    public DateTimeOffset ToDateTime() =>
        Epoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (long)((Fraction * (ulong)TimeSpan.TicksPerSecond) >> 32));

    /// <summary>A duration in 16.16 seconds, as in DLSR and DLRR; saturates at 65536 s.</summary>
    public static uint ToCompactDelay(TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero) return 0;
        var units = (UInt128)(ulong)delay.Ticks * 65536 / TimeSpan.TicksPerSecond;
        return units > uint.MaxValue ? uint.MaxValue : (uint)units;
    }

    public static TimeSpan FromCompactDelay(uint units) => TimeSpan.FromTicks(units * TimeSpan.TicksPerSecond / 65536);

    /// <summary>
    /// Round-trip time from a report block (RFC 3550 section 6.4.1): arrival - LSR - DLSR in compact NTP. False when the peer has not received an SR yet,
    /// or the result is negative or above <paramref name="limit"/>, which wrong clocks or forged reports cause.
    /// </summary>
    public static bool TryRoundTrip(NtpTime arrival, uint lastSenderReport, uint delaySinceLastSenderReport, TimeSpan limit, out TimeSpan roundTrip)
    {
        roundTrip = default;
        if (lastSenderReport == 0) return false;
        var units = (int)(arrival.Compact - lastSenderReport - delaySinceLastSenderReport);
        if (units < 0) return false;
        roundTrip = FromCompactDelay((uint)units);
        return roundTrip <= limit;
    }
}
