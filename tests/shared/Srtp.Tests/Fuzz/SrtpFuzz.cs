namespace JitsiMesh.Srtp.Tests.Fuzz;

/// <summary>Any bytes as a protected packet: none authenticates, none throws.</summary>
public static class SrtpFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        foreach (var profile in new[] { ProtectionProfile.AeadAes128Gcm, ProtectionProfile.Aes128CmHmacSha1_80 })
        {
            using var peers = new Peers(profile);
            if (peers.Receiver.UnprotectRtp(data.ToArray(), data.Length, out _) == SrtpResult.Ok) throw new InvalidOperationException("a stranger's packet passed");
            if (peers.Receiver.UnprotectRtcp(data.ToArray(), data.Length, out _) == SrtpResult.Ok) throw new InvalidOperationException("a stranger's report passed");
            peers.Sender.ProtectRtp(data, new byte[data.Length + SrtpSession.MaxRtpOverhead], out _);
            peers.Sender.ProtectRtcp(data, new byte[data.Length + SrtpSession.MaxRtcpOverhead], out _);
        }
    }
}
