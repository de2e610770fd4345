using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests;

public sealed class ReceptionStatisticsTests
{
    [Theory]
    [InlineData(new ushort[] { 10, 11, 12 }, 12u, 0)]
    [InlineData(new ushort[] { 10, 12 }, 12u, 1)]
    [InlineData(new ushort[] { 10, 12, 11 }, 12u, 0)]
    [InlineData(new ushort[] { 65534, 65535, 0, 1 }, 65537u, 0)]
    [InlineData(new ushort[] { 65535, 1, 65534 }, 65537u, 0)]
    [InlineData(new ushort[] { 10, 11, 11 }, 11u, -1)]
    [InlineData(new ushort[] { 10, 11, 5000, 5001 }, 5001u, 0)]
    public void OnPacket_Sequences_CountLoss(ushort[] numbers, uint highest, long lost)
    {
        var statistics = new ReceptionStatistics(1, 90000);
        foreach (var number in numbers) statistics.OnPacket(number, 0, MonotonicTime.Zero);
        Assert.Equal(highest, statistics.ExtendedHighestSequenceNumber);
        Assert.Equal(lost, statistics.CumulativeLost);
    }

    [Fact]
    public void BuildReportBlock_SecondReport_CountsSinceTheFirst()
    {
        var statistics = new ReceptionStatistics(7, 90000);
        for (ushort i = 0; i < 100; i++) if (i % 4 != 1) statistics.OnPacket(i, i, MonotonicTime.Zero);
        Assert.Equal(64, statistics.BuildReportBlock(MonotonicTime.Zero).FractionLost);
        for (ushort i = 100; i < 200; i++) statistics.OnPacket(i, i, MonotonicTime.Zero);
        var block = statistics.BuildReportBlock(MonotonicTime.Zero);
        Assert.Equal((0, 25, 199u), (block.FractionLost, block.CumulativeLost, block.ExtendedHighestSequenceNumber));
        Assert.Equal(0u, block.LastSenderReport);
    }

    [Fact]
    public void BuildReportBlock_AfterSenderReport_CarriesItsTime()
    {
        var statistics = new ReceptionStatistics(7, 90000);
        statistics.OnSenderReport(new NtpTime(0x0000_1234_5678_0000), MonotonicTime.FromMilliseconds(1000));
        var block = statistics.BuildReportBlock(MonotonicTime.FromMilliseconds(1500));
        Assert.Equal((0x1234_5678u, 32768u), (block.LastSenderReport, block.DelaySinceLastSenderReport));
    }

    [Fact]
    public void Jitter_AlternatingDelay_ApproachesIt()
    {
        var statistics = new ReceptionStatistics(7, 1000);
        for (var i = 0; i < 500; i++) statistics.OnPacket((ushort)i, (uint)(i * 20), MonotonicTime.FromMilliseconds((i * 20) + (i % 2 * 10)));
        Assert.InRange(statistics.Jitter, 9, 11);
    }
}
