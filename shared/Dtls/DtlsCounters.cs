namespace JitsiMesh.Dtls;

public sealed class DtlsCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<DtlsDrop>().Length];

    public long DatagramsReceived { get; internal set; }

    public long DatagramsSent { get; internal set; }

    /// <summary>Flights that were retransmitted because no answer arrived.</summary>
    public long Retransmissions { get; internal set; }

    public long this[DtlsDrop reason] => _drops[(int)reason];

    internal void Count(DtlsDrop reason) => _drops[(int)reason]++;
}
