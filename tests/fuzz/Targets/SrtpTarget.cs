using JitsiMesh.Srtp;
using JitsiMesh.Srtp.Tests;

namespace JitsiMesh.Fuzz.Tests.Targets;

/// <summary>Strangers' bytes to sessions that live on: nothing but the samples themselves may authenticate.</summary>
internal sealed class SrtpTarget : IFuzzTarget
{
    private static readonly Peers Gcm = new(ProtectionProfile.AeadAes128Gcm);
    private static readonly Peers CounterMode = new(ProtectionProfile.Aes128CmHmacSha1_80);
    private static readonly byte[] Buffer = new byte[4096];

    public static IReadOnlyList<byte[]> Samples { get; } =
    [
        Gcm.Protect(Peers.Packet(7, 1000)), Gcm.ProtectReport(Peers.Report(7)), CounterMode.Protect(Peers.Packet(7, 1000)), CounterMode.ProtectReport(Peers.Report(7)),
    ];

    public static void Run(ReadOnlySpan<byte> data)
    {
        Check(Gcm.Receiver, data);
        Check(CounterMode.Receiver, data);
    }

    private static void Check(SrtpSession session, ReadOnlySpan<byte> data)
    {
        data.CopyTo(Buffer);
        var rtp = session.UnprotectRtp(Buffer, data.Length, out _);
        data.CopyTo(Buffer);
        var rtcp = session.UnprotectRtcp(Buffer, data.Length, out _);
        if (rtp != SrtpResult.Ok && rtcp != SrtpResult.Ok) return;
        foreach (var sample in Samples)
        {
            if (data.SequenceEqual(sample)) return;
        }

        throw new InvalidOperationException("A stranger's packet passed.");
    }
}
