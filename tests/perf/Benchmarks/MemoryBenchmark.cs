using System.Globalization;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Perf.Load;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;
using JitsiMesh.Perf.Stanzas;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>
/// Resident memory: idle, for each further occupant of rooms (signalling and focus, no media), and for each further endpoint with a connected media session. The growth is the
/// slope between a first and a second group, so that the warm-up by the first group does not count; each value is the minimum of several readings. For the slopes the collector
/// runs every 4 MiB instead of after its much larger budget: otherwise the garbage of the joins, which the next collection removes, would count for the occupants.
/// </summary>
internal sealed class MemoryBenchmark : IBenchmark
{
    private const double Mebibyte = 1024 * 1024;
    private const int RoomSize = 10;
    private const int FirstRooms = 10;
    private const int FurtherRooms = 60;
    private const int EndpointsOfRoom = 10;
    private const int FirstCalls = 2;
    private const int FurtherCalls = 10;

    private static readonly Dictionary<string, string> SmallBudget = new() { ["DOTNET_GCgen0size"] = "0x400000" };

    public string Name => "memory";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        double ours, oursOccupant, oursEndpoint;
        await using (var mesh = await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value))
        {
            ours = await SettleAsync(mesh.Id);
            context.Say($"JitsiMesh idle: {Text(ours)}, of it {Text(ProcessCost.AnonymousBytes(mesh.Id))} its own");
        }

        await using (var mesh = await AllInOneProcess.StartAsync(SmallBudget, context.Ports.Next, HostAddress.Value)) oursOccupant = await OccupantAsync(context, "JitsiMesh", mesh.WebSocket, mesh.Id, throughFocus: true);
        await using (var mesh = await AllInOneProcess.StartAsync(SmallBudget, context.Ports.Next, HostAddress.Value)) oursEndpoint = await EndpointAsync(context, mesh);
        double theirs = double.NaN, theirsOccupant = double.NaN;
        if (ProsodyServer.IsInstalled)
        {
            await using var prosody = await ProsodyServer.StartAsync(context.Ports);
            theirs = await SettleAsync(prosody.Id);
            context.Say($"Prosody idle: {Text(theirs)}");
            theirsOccupant = await OccupantAsync(context, "Prosody", prosody.WebSocket, prosody.Id, throughFocus: false);
        }

        return
        [
            new Row("memory, all-in-one idle (resident)", Text(ours), Peer(theirs, Text(theirs) + " (Prosody alone)"), null, Budget.AtMost(150 * Mebibyte, "< 150 MiB"), ours),
            new Row("memory per further occupant, signalling and focus", Kib(oursOccupant), Peer(theirsOccupant, Kib(theirsOccupant)), oursOccupant / theirsOccupant, Budget.AtMost(60 * 1024, "< 60 KiB"), oursOccupant),
            new Row("memory per further endpoint, bridge (and its occupant)", Kib(oursEndpoint), "-", null, Budget.AtMost(400 * 1024, "< 400 KiB"), oursEndpoint),
        ];

        static string Peer(double value, string text) => double.IsNaN(value) ? "(missing: prosody is not installed)" : text;
    }

    private static async Task<double> OccupantAsync(BenchmarkContext context, string name, Uri address, int pid, bool throughFocus)
    {
        await using var first = await StanzaRoom.JoinAsync(address, FirstRooms, RoomSize, throughFocus);
        var before = await SettleAsync(pid);
        await using var further = await StanzaRoom.JoinAsync(address, FurtherRooms, RoomSize, throughFocus, firstRoom: FirstRooms);
        var after = await SettleAsync(pid);
        var each = (after - before) / (FurtherRooms * RoomSize);
        context.Say($"{name}: {Text(before)} with {FirstRooms * RoomSize} occupants, {Text(after)} with {(FirstRooms + FurtherRooms) * RoomSize}: {Kib(each)} each");
        return each;
    }

    private static async Task<double> EndpointAsync(BenchmarkContext context, AllInOneProcess mesh)
    {
        using var engine = new LoadEngine();
        var rooms = new List<MeshRoom>();
        try
        {
            for (var i = 0; i < FirstCalls; i++) await AddAsync();
            var before = await SettleAsync(mesh.Id);
            for (var i = 0; i < FurtherCalls; i++) await AddAsync();
            var after = await SettleAsync(mesh.Id);
            var each = (after - before) / (FurtherCalls * EndpointsOfRoom);
            context.Say($"JitsiMesh: {Text(before)} with {FirstCalls * EndpointsOfRoom} endpoints, {Text(after)} with {(FirstCalls + FurtherCalls) * EndpointsOfRoom}: {Kib(each)} each");
            return each;
        }
        finally
        {
            foreach (var room in rooms) await room.DisposeAsync();
        }

        async Task AddAsync()
        {
            var room = await MeshRoom.JoinAsync(engine, mesh.WebSocket, FormattableString.Invariant($"memory{rooms.Count}"), EndpointsOfRoom - 1);
            rooms.Add(room);

            // A second of media, so that a stream's state is allocated.
            room.Room.Profile = new LoadProfile(200, 2);
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            room.Room.Profile = null;
        }
    }

    private static async Task<double> SettleAsync(int pid)
    {
        double least = double.MaxValue;
        for (var i = 0; i < 6; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            least = Math.Min(least, ProcessCost.ResidentBytes(pid));
        }

        return least;
    }

    private static string Text(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte:0.0} MiB");

    private static string Kib(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.0} KiB");
}
