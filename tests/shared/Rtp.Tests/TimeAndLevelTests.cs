using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests;

public sealed class TimeAndLevelTests
{
    [Theory]
    [InlineData(0x00, 0, false, 127)]
    [InlineData(0x7F, 127, false, 0)]
    [InlineData(0x9E, 30, true, 97)]
    public void AudioLevel_Byte_IsReadAndWritten(byte value, byte level, bool voice, int loudness)
    {
        Assert.True(AudioLevel.TryParse([value], out var parsed));
        Assert.Equal(new AudioLevel(level, voice), parsed);
        Assert.Equal(loudness, parsed.Loudness);
        Assert.Equal(value, parsed.ToByte());
        Assert.False(AudioLevel.TryParse([], out _));
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(1_000, 1u << 18)]
    [InlineData(63_500, 0xFE0000u)]
    [InlineData(64_000, 0u)]
    [InlineData(64_500, 1u << 17)]
    public void AbsSendTime_Milliseconds_WrapAt64Seconds(long milliseconds, uint units)
    {
        var value = new byte[3];
        AbsSendTime.Write(value, MonotonicTime.FromMilliseconds(milliseconds));
        Assert.True(AbsSendTime.TryParse(value, out var read));
        Assert.Equal(units, read);
    }

    [Fact]
    public void AbsSendTime_Difference_TakesTheShortWay()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), AbsSendTime.Difference(0xFE0000, 0x020000));
        Assert.Equal(TimeSpan.FromSeconds(-1), AbsSendTime.Difference(0x020000, 0xFE0000));
    }

    [Fact]
    public void NtpTime_DateTime_GoesBothWays()
    {
        var time = new DateTimeOffset(2024, 2, 29, 12, 34, 56, TimeSpan.Zero).AddMilliseconds(500);
        var ntp = NtpTime.FromDateTime(time);
        Assert.Equal(0x80000000u, ntp.Fraction);
        Assert.Equal(time, ntp.ToDateTime());

        // 2208988800 is the well-known distance from 1900 to 1970.
        Assert.Equal(2208988800u, NtpTime.FromDateTime(DateTimeOffset.UnixEpoch).Seconds);
    }

    [Fact]
    public void RoundTrip_ExampleOfRfc3550_6_4_1()
    {
        // RFC 3550 figure 2: A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 5.25 s, delay 6.125 s.
        Assert.True(NtpTime.TryRoundTrip(new NtpTime(0xb44d_b710_8000_0000), 0xb705_2000, 0x0005_4000, TimeSpan.FromSeconds(7), out var roundTrip));
        Assert.Equal(TimeSpan.FromSeconds(6.125), roundTrip);
        Assert.False(NtpTime.TryRoundTrip(new NtpTime(0xb44d_b710_8000_0000), 0xb705_2000, 0x0005_4000, TimeSpan.FromSeconds(6), out _));
        Assert.False(NtpTime.TryRoundTrip(new NtpTime(0xb44d_b710_8000_0000), 0, 0, TimeSpan.FromSeconds(7), out _));
        Assert.False(NtpTime.TryRoundTrip(new NtpTime(0xb44d_b710_8000_0000), 0xb710_8001, 0, TimeSpan.FromSeconds(7), out _));
    }

    [Theory]
    [InlineData(1.5, 98304u)]
    [InlineData(-1, 0u)]
    [InlineData(70000, uint.MaxValue)]
    public void CompactDelay_Seconds_Saturate(double seconds, uint units) => Assert.Equal(units, NtpTime.ToCompactDelay(TimeSpan.FromSeconds(seconds)));
}
