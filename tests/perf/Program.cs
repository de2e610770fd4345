using System.Diagnostics;
using System.Globalization;
using JitsiMesh.Perf.Benchmarks;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;

IBenchmark[] all = [new ForwardBenchmark(), new StanzaBenchmark(), new ClusterBenchmark(), new StartBenchmark(), new MemoryBenchmark(), new JoinBenchmark(), new DelayBenchmark(), new AllocationBenchmark()];
const string AgainstOption = "--against=";
if (args.FirstOrDefault(a => a.StartsWith("--", StringComparison.Ordinal) && a is not ("--check" or "--quick") && !a.StartsWith(AgainstOption, StringComparison.Ordinal)) is { } option)
{
    Console.Error.WriteLine($"bench: there is no option '{option}' (--quick, --check, {AgainstOption}FOLDER)");
    return 2;
}

var names = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
var check = args.Contains("--check");
var quick = args.Contains("--quick");
var against = args.FirstOrDefault(a => a.StartsWith(AgainstOption, StringComparison.Ordinal))?[AgainstOption.Length..];
if (against is not null)
{
    against = Path.Combine(Path.GetFullPath(against), "artifacts", "bin", "JitsiMesh.AllInOne", "release", "JitsiMesh.AllInOne.dll");
    if (!File.Exists(against))
    {
        Console.Error.WriteLine($"bench: {against} is not there: the folder after {AgainstOption} is another checkout of this project, built in Release");
        return 2;
    }
}

if (names.Find(n => !all.Any(b => b.Name == n)) is { } unknown)
{
    Console.Error.WriteLine($"bench: there is no benchmark '{unknown}' ({string.Join(", ", all.Select(b => b.Name))})");
    return 2;
}

var range = (Environment.GetEnvironmentVariable("MESH_BENCH_PORTS") ?? "21000-21999").Split('-').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
var context = new BenchmarkContext(quick ? 2 : 5, quick ? 2 : 4, new PortRange(range[0], range[1]), against);
var rows = new List<Row>();
var failed = false;
foreach (var benchmark in all.Where(b => names.Count == 0 || names.Contains(b.Name)))
{
    var started = Stopwatch.GetTimestamp();
    Console.Error.WriteLine($"bench: {benchmark.Name}");
    try
    {
        rows.AddRange(await benchmark.RunAsync(context));
        Console.Error.WriteLine($"bench: {benchmark.Name} took {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
    }
    catch (Exception e) when (e is not OutOfMemoryException)
    {
        failed = true;
        Console.Error.WriteLine($"bench: {benchmark.Name} FAILED: {e}");
    }
}

Table.Print(rows, Console.Out);
if (failed) return 1;
return check && rows.Any(r => r.IsFarOver) ? 1 : 0;
