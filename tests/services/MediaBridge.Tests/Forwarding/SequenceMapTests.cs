using JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

namespace JitsiMesh.MediaBridge.Tests.Forwarding;

public sealed class SequenceMapTests
{
    // Each step: a accept, r refuse; a number for how many missing numbers before it are skipped.
    [Theory]
    [InlineData("a10 a11 a12", "5 6 7")]
    [InlineData("a10 r11 a12", "5 - 6")]
    [InlineData("a10 a12 a13", "5 7 8")]
    [InlineData("a10 r13 a14", "5 - 8")]
    [InlineData("a10 a13/2 a14", "5 6 7")]
    [InlineData("a10 a13/1 a14", "5 7 8")]
    public void Numbers_ByStep(string steps, string expected)
    {
        var map = new SequenceMap();
        var output = new List<string>();
        foreach (var step in steps.Split(' '))
        {
            var parts = step[1..].Split('/');
            var input = long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            var skipped = parts.Length > 1 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (!map.Started)
            {
                map.Restart(input, 5);
                output.Add("5");
            }
            else if (step[0] == 'a')
            {
                output.Add($"{map.Accept(input, skipped)}");
            }
            else
            {
                map.Refuse(input, skipped);
                output.Add("-");
            }
        }

        Assert.Equal(expected, string.Join(' ', output));
    }

    [Fact]
    public void TryGetLate_FindsTheReservedAndNotTheRefused()
    {
        var map = new SequenceMap();
        map.Restart(1000, 7);
        Assert.Equal(10, map.Accept(1003, 0));
        map.Refuse(1004, 0);
        Assert.True(map.TryGetLate(1001, out var late));
        Assert.Equal(8, late);
        Assert.False(map.TryGetLate(1004, out _));
        Assert.False(map.TryGetLate(999, out _));
        Assert.True(map.TryGetLate(1003, out var again));
        Assert.Equal(10, again);
    }

    [Fact]
    public void Accept_AfterAJumpBeyondTheTable_GoesOnAndForgets()
    {
        var map = new SequenceMap();
        map.Restart(1000, 7);
        var output = map.Accept(1000 + (2 * SequenceMap.Capacity), 0);
        Assert.True(output > 7);
        Assert.Equal(output + 1, map.Accept(1001 + (2 * SequenceMap.Capacity), 0));
        Assert.False(map.TryGetLate(1000, out _));
    }
}
