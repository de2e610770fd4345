using JitsiMesh.Sctp;
using JitsiMesh.Sctp.Tests;
using JitsiMesh.Sctp.Tests.Fuzz;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>Packets of an association's whole life, mutated, to an association that lives on until a mutation ends it, and to one that does not exist yet.</summary>
internal sealed class SctpTarget : IFuzzTarget
{
    private static SctpPair? s_pair;
    private static ulong s_pairs;

    public static IReadOnlyList<byte[]> Samples { get; } = Record();

    public static void Run(ReadOnlySpan<byte> data)
    {
        if (s_pair is null || s_pair.Server.State != SctpState.Established) s_pair = new SctpPair(s_pairs++).Connect();
        SctpFuzz.Run(data, s_pair);
    }

    private static List<byte[]> Record()
    {
        var samples = new Dictionary<(byte, int), byte[]>();
        var pair = new SctpPair { JitterMilliseconds = 30 };
        pair.Tamper = (_, packet) =>
        {
            samples.TryAdd((packet[12], packet.Length / 64), (byte[])packet.Clone());
            return [packet];
        };
        pair.Connect();
        pair.Loss = 0.1;
        var id = pair.Open(new() { Label = "p", MaxRetransmits = 0 });
        for (var i = 0; i < 30; i++) pair.Client.SendMessage(id, new byte[700], true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(70));
        pair.Client.CloseChannel(id, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        pair.Client.Shutdown(pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        return [.. samples.Values];
    }
}
