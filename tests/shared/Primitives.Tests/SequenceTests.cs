using FsCheck.Xunit;

namespace JitsiMesh.Primitives.Tests;

public sealed class SequenceTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(65535, 0, 1)]
    [InlineData(0, 65535, -1)]
    [InlineData(10, 32777, 32767)]
    [InlineData(10, 32778, -32768)]
    [InlineData(7, 7, 0)]
    public void Distance_OnSixteenBits_TakesTheShorterWay(int from, int to, int expected) =>
        Assert.Equal(expected, SequenceArithmetic.Distance((ushort)from, (ushort)to));

    [Fact]
    public void Distance_OnThirtyTwoBits_Wraps() => Assert.Equal(2, SequenceArithmetic.Distance(uint.MaxValue, 1u));

    [Fact]
    public void Unwrap_ReorderAtTheWrap_StaysMonotonicWhereItShould()
    {
        var unwrapper = default(SequenceUnwrapper);
        var start = unwrapper.Unwrap(65534);
        Assert.Equal(start + 1, unwrapper.Unwrap(65535));
        Assert.Equal(start + 3, unwrapper.Unwrap(1));
        Assert.Equal(start + 2, unwrapper.Unwrap(0));
        Assert.Equal(start + 3, unwrapper.Highest);
        Assert.Equal(start + 4, unwrapper.Peek(2));
        Assert.Equal(start + 3, unwrapper.Highest);
    }

    [Fact]
    public void Unwrap_ALateFirstPacket_IsStillPositive()
    {
        var unwrapper = default(SequenceUnwrapper);
        unwrapper.Unwrap(0);
        Assert.True(unwrapper.Unwrap(65535) > 0);
    }

    [Property]
    public bool Unwrap_OfAStreamWithSmallGaps_IsTheStream(ushort first, byte[] steps)
    {
        var unwrapper = default(SequenceUnwrapper);
        var expected = unwrapper.Unwrap(first);
        foreach (var step in steps)
        {
            expected += step;
            if (unwrapper.Unwrap((ushort)expected) != expected) return false;
        }

        return true;
    }
}
