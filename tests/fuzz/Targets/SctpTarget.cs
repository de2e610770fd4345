using JitsiMesh.Sctp;
using JitsiMesh.Sctp.Tests;
using JitsiMesh.Sctp.Tests.Fuzz;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>Packets of an association's whole life, mutated, to an association that lives on until a mutation ends it, and to one that does not exist yet.</summary>
internal sealed class SctpTarget : IFuzzTarget
{
    private static SctpPair? s_pair;
    private static ulong s_pairs;

    public static IReadOnlyList<byte[]> Samples { get; } = SctpRecording.WholeLife();

    public static void Run(ReadOnlySpan<byte> data)
    {
        if (s_pair is null || s_pair.Server.State != SctpState.Established) s_pair = new SctpPair(s_pairs++).Connect();
        SctpFuzz.Run(data, s_pair);
    }
}
