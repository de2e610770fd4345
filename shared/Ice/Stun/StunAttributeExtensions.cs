namespace JitsiMesh.Ice.Stun;

public static class StunAttributeExtensions
{
    /// <summary>Whether an ICE agent understands this comprehension-required attribute; the others lead to a 420 (RFC 8489 section 6.3.1).</summary>
    public static bool IsKnown(this StunAttribute type) => type is StunAttribute.MappedAddress or StunAttribute.Username
        or StunAttribute.MessageIntegrity or StunAttribute.ErrorCode or StunAttribute.UnknownAttributes or StunAttribute.Realm
        or StunAttribute.Nonce or StunAttribute.XorMappedAddress or StunAttribute.Priority or StunAttribute.UseCandidate;
}
