using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Perf.Processes;

/// <summary>Hands out ports of a range that are free for TCP and UDP on loopback, each once.</summary>
internal sealed class PortRange(int first, int last)
{
    private int _next = first;

    public int Next() => NextRow(1);

    /// <summary>The first of so many neighbours.</summary>
    public int NextRow(int count)
    {
        var start = _next;
        for (var port = start; port - start < count; port++)
        {
            if (port > last) throw new InvalidOperationException($"No {count} free ports are left up to {last}; MESH_BENCH_PORTS names another range.");
            if (!FreePorts.IsFree(port)) start = port + 1;
        }

        _next = start + count;
        return start;
    }
}
