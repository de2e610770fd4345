namespace JitsiMesh.Turn.Server;

/// <summary>Counters of the relay since its start. One caller writes them, any thread may read them.</summary>
public sealed class TurnCounters
{
    private readonly long[] _refused = new long[Enum.GetValues<TurnRefusal>().Length];

    public int Allocations { get; internal set; }

    public long AllocationsMade { get; internal set; }

    public long OctetsToPeers { get; internal set; }

    public long OctetsToClients { get; internal set; }

    public long PacketsToPeers { get; internal set; }

    public long PacketsToClients { get; internal set; }

    public long Refused(TurnRefusal reason) => Volatile.Read(ref _refused[(int)reason]);

    internal void Count(TurnRefusal reason) => _refused[(int)reason]++;
}
