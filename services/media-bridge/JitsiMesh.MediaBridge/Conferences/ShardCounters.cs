namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Totals of one shard since its start. Written by its thread, readable from any thread.</summary>
internal sealed class ShardCounters
{
    private readonly long[] _ended = new long[Enum.GetValues<EndpointEnd>().Length];
    private readonly long[] _faults = new long[Enum.GetValues<ShardFault>().Length];
    private long _commandsRefused;

    public long ConferencesCreated { get; set; }

    public long ConferencesEnded { get; set; }

    public long EndpointsCreated { get; set; }

    public long IceFailed { get; set; }

    public long DtlsFailed { get; set; }

    /// <summary>Datagrams that matched no endpoint: dropped without an answer.</summary>
    public long Undeliverable { get; set; }

    public long Commands { get; set; }

    /// <summary>Requests that found the loop's queue full.</summary>
    public long CommandsRefused => Volatile.Read(ref _commandsRefused);

    public long EndedFor(EndpointEnd reason) => _ended[(int)reason];

    public long Faults(ShardFault kind) => _faults[(int)kind];

    public void Ended(EndpointEnd reason) => _ended[(int)reason]++;

    public void Fault(ShardFault kind) => _faults[(int)kind]++;

    /// <summary>Readable from any thread.</summary>
    public void RefuseCommand() => Interlocked.Increment(ref _commandsRefused);
}
