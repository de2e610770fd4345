using JitsiMesh.Ice.Tests.Fuzz;
using JitsiMesh.Ice.Tests.Stun;

namespace JitsiMesh.Fuzz.Tests.Targets;

internal sealed class StunTarget : IFuzzTarget
{
    public static IReadOnlyList<byte[]> Samples { get; } = [Rfc5769Vectors.Request, Rfc5769Vectors.IPv4Response, Rfc5769Vectors.IPv6Response, Rfc5769Vectors.LongTermRequest];

    public static void Run(ReadOnlySpan<byte> data) => StunMessageFuzz.Run(data);
}

internal sealed class IceAgentTarget : IFuzzTarget
{
    public static IReadOnlyList<byte[]> Samples => StunTarget.Samples;

    public static void Run(ReadOnlySpan<byte> data) => IceAgentFuzz.Run(data);
}
