using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests.Scenarios;

/// <summary>Many people at once, small pictures. What it costs is printed, never asserted: benchmarks hold budgets, on machines that are theirs alone.</summary>
public static class CapacityScenarios
{
    /// <summary>How long the clients' thread may sleep: some delay for less processor time.</summary>
    private static readonly TimeSpan ClientSleep = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    /// <summary>Everybody talks and shows a picture; everybody gets everybody's.</summary>
    public static async Task ManyInOneRoom(IMeshUnderTest mesh, string room, int count, TestReport report)
    {
        var empty = ProcessUse.AfterCollection();
        await using var party = new Party(mesh, 41, ClientSleep);
        await party.JoinAsync(room, count, Party.SteadyMedia);
        await party.ExpectAsync("all see all", () => party.Clients.All(c => c.Read(p => p.Occupants.Count == count - 1)));
        await party.ExpectMediaAsync(party.Clients, seconds: 120);
        Assert.All(party.Clients, c => Assert.True(c.HasChannel));

        var cost = await MeasureAsync(party, $"{count} in one room", report);
        await party.ExpectMediaAsync(party.Clients, seconds: 120);
        ReportMemory(report, $"{count} in one room, both ends", empty, ProcessUse.AfterCollection(), count);
        var pairs = count * (count - 1);
        report.Line($"  {cost.Packets / (double)pairs:F0} packets/s of each sender at each receiver, {cost.Lost} lost of {cost.Total}");
    }

    /// <summary>Small calls beside each other. Nobody gets anything of another room.</summary>
    public static async Task ManyRooms(IMeshUnderTest mesh, string prefix, int rooms, int people, TestReport report)
    {
        var empty = ProcessUse.AfterCollection();
        var alone = await JoinAloneAsync(mesh, prefix + "alone-", rooms, report);
        var before = ProcessUse.AfterCollection();
        var count = rooms * people;

        // The clients go without a word: what they leave behind is the mesh's alone, as long as it waits for their return.
        await CallAndVanishAsync(mesh, prefix, rooms, people, before, report);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var left = ProcessUse.AfterCollection();
        ReportMemory(report, "  of it the mesh: sessions and endpoints without their sockets", before, left, count);
        var each = (left.Managed - before.Managed + left.Native - before.Native) / (double)count;
        report.Line($"  roughly {alone / 1024:F0} KiB an occupant (each with a room and a conference of its own), {(each - alone) / 1024:F0} KiB a bridge endpoint with it");
        report.Line($"  whole process, from {empty.Memory} to {left.Memory}");
    }

    private static async Task CallAndVanishAsync(IMeshUnderTest mesh, string prefix, int rooms, int people, ProcessUse before, TestReport report)
    {
        var party = new Party(mesh, 42, ClientSleep);
        await using var end = party;
        var groups = Enumerable.Range(0, rooms).Select(room => Enumerable.Range(0, people).Select(_ => party.Add($"{prefix}{room}", Party.SteadyMedia)).ToArray()).ToArray();
        var some = new ParallelOptions { MaxDegreeOfParallelism = 10 };
        await Parallel.ForEachAsync(groups, some, async (group, cancellation) =>
        {
            foreach (var client in group)
            {
                await client.JoinAsync(cancellation);
                await party.ExpectAsync("joins", () => client.Read(p => p.IsJoined));
            }

            await party.ExpectMediaAsync(group, seconds: 120);
        });
        await MeasureAsync(party, $"{rooms} rooms of {people}", report);
        await Parallel.ForEachAsync(groups, some, async (group, _) =>
        {
            await party.ExpectMediaAsync(group, seconds: 120);
            foreach (var receiver in group)
            {
                Assert.Equal(people - 1, receiver.Read(p => p.Occupants.Count));
                Assert.All(receiver.ReadMedia(e => e.Channel.Sources.Values.Select(s => s.Owner).ToList(), []), owner => Assert.Contains(group, g => g.Nick == owner));
            }
        });
        ReportMemory(report, $"{rooms} rooms of {people}, both ends", before, ProcessUse.AfterCollection(), rooms * people);
        party.Vanish();
    }

    /// <summary>People alone in their rooms have no bridge endpoint: what they cost is signalling and focus.</summary>
    /// <returns>Bytes of one.</returns>
    private static async Task<double> JoinAloneAsync(IMeshUnderTest mesh, string prefix, int count, TestReport report)
    {
        // Once without looking, so that what is made once for all is there already.
        await JoinAndVanishAsync(mesh, prefix + "warm-", 5, 43);
        var before = ProcessUse.AfterCollection();
        await JoinAndVanishAsync(mesh, prefix, count, 44);
        var after = ProcessUse.AfterCollection();
        ReportMemory(report, $"{count} people alone in their rooms, the mesh's end", before, after, count);
        return (after.Managed - before.Managed + after.Native - before.Native) / (double)count;
    }

    private static async Task JoinAndVanishAsync(IMeshUnderTest mesh, string prefix, int count, ulong seed)
    {
        await using var party = new Party(mesh, seed);
        for (var i = 0; i < count; i++) await party.JoinAsync(prefix + i, 1);
        party.Vanish();
        await Task.Delay(TimeSpan.FromMilliseconds(500));
    }

    private static async Task<(double Packets, long Lost, long Total)> MeasureAsync(Party party, string what, TestReport report)
    {
        var (packets, lost) = (Received(party), Lost(party));
        var before = ProcessUse.Now();
        await Task.Delay(Measured);
        var after = ProcessUse.Now();
        var (total, newlyLost) = (Received(party) - packets, Lost(party) - lost);
        var rate = total / (after.At - before.At).TotalSeconds;
        var cpu = after.CpuPerSecondSince(before);
        report.Line($"{what}: {rate:F0} packets/s received, {newlyLost} lost; processor {cpu.All:F2} s per second of call: bridge {cpu.Bridge:F2}, clients' media {cpu.ClientMedia:F2}, the rest {cpu.Others:F2}; {after.Memory}");
        return (rate, newlyLost, total);
    }

    private static long Received(Party party) => party.Clients.Sum(c => c.ReadMedia(e => e.Streams.Values.Sum(s => s.Packets), 0L));

    private static long Lost(Party party) => party.Clients.Sum(c => c.Lost);

    private static void ReportMemory(TestReport report, string what, ProcessUse before, ProcessUse after, int count) =>
        report.Line($"{what}: {after.Memory}; each {(after.Managed - before.Managed) / 1024.0 / count:F0} KiB managed, {(after.Native - before.Native) / 1024.0 / count:F0} KiB native, {(after.WorkingSet - before.WorkingSet) / 1024.0 / count:F0} KiB of the working set");
}
