using JitsiMesh.Perf.Results;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>One name of <c>./mesh bench</c>.</summary>
internal interface IBenchmark
{
    string Name { get; }

    Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context);
}

/// <summary>How thorough this run is, and where it may speak.</summary>
/// <param name="Rounds">Repetitions of each measurement; the median counts.</param>
/// <param name="Seconds">Length of one measured slice.</param>
/// <param name="Ports">Where servers of this run may listen.</param>
/// <param name="Against">The all-in-one of another build of this project, measured in the same turns; null for none.</param>
internal sealed record BenchmarkContext(int Rounds, double Seconds, Processes.PortRange Ports, string? Against = null)
{
    public void Say(string text) => Console.Error.WriteLine($"  {text}");
}
