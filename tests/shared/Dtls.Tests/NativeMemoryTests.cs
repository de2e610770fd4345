using System.Globalization;

namespace JitsiMesh.Dtls.Tests;

public sealed class NativeMemoryTests
{
    private const int Rounds = 250;

    [Fact]
    public void Five_hundred_handshakes_leave_nothing_behind()
    {
        RunHandshakes(50);
        var before = AnonymousKilobytes();
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        RunHandshakes(Rounds);
        var middle = AnonymousKilobytes();
        RunHandshakes(Rounds);
        var after = AnonymousKilobytes();
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / (2 * Rounds);

        // One leaked SSL is some 40 KiB, so 250 of them would show as 10 MiB in the second half. Other tests run beside this one, hence the room.
        Assert.True(after - middle < 8 * 1024 || middle - before < 8 * 1024, $"grew by {middle - before} KiB, then by {after - middle} KiB");
        Assert.True(allocated < 64 * 1024, $"{allocated} managed bytes for both sides of a handshake");
    }

    private static void RunHandshakes(int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var pair = new DtlsPair();
            pair.Trust().Start().Run(TimeSpan.FromSeconds(5), pair.BothConnected);
            Assert.True(pair.BothConnected(), pair.Describe());
        }
    }

    private static long AnonymousKilobytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        if (!OperatingSystem.IsLinux()) return 0;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
