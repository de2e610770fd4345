using JitsiMesh.Ice.Stun;

namespace JitsiMesh.Ice.Tests.Fuzz;

public static class StunMessageFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        StunDemux.TryGetLocalUfrag(data, out _);
        if (!StunMessage.TryParse(data, out var message)) return;
        message.VerifyFingerprint();
        message.VerifyMessageIntegrity("key"u8);
        message.TryGetUsername(out _);
        message.TryGetPriority(out _);
        message.TryGetTieBreaker(StunAttribute.IceControlled, out _);
        message.TryGetTieBreaker(StunAttribute.IceControlling, out _);
        message.TryGetErrorCode(out _);
        message.TryGetXorMappedAddress(out _);
        message.GetUnknownRequired(stackalloc ushort[StunLimits.MaxUnknownAttributes]);
    }
}
