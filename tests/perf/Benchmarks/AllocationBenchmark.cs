using JitsiMesh.MediaBridge.Tests.Conferences;
using JitsiMesh.Perf.Results;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>Bytes allocated for a packet in steady state through a shard to twenty receivers, on a virtual network. An ordinary test requires 0.</summary>
internal sealed class AllocationBenchmark : IBenchmark
{
    private const int Receivers = 20;

    public string Name => "allocations";

    public Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        var (allocated, received, sent) = PacketPath.Measure(Receivers);
        if (sent == 0) throw new InvalidOperationException("Nothing was forwarded.");
        context.Say($"{allocated} bytes for {received} packets in, {sent} out");
        var each = (double)allocated / sent;
        return Task.FromResult<IReadOnlyList<Row>>([new Row("bytes allocated per packet, steady packet path", Table.Number(each) + " B", "-", null, Budget.AtMost(0, "0 B"), each)]);
    }
}
