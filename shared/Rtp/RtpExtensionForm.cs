namespace JitsiMesh.Rtp;

/// <summary>The two forms of RFC 8285 (sections 4.2 and 4.3).</summary>
public enum RtpExtensionForm
{
    None,
    OneByte,
    TwoByte,
}

public static class RtpExtensionForms
{
    public const ushort OneByteProfile = 0xBEDE;

    /// <summary>The low four bits are "appbits" and are ignored.</summary>
    public const ushort TwoByteProfile = 0x1000;

    public static RtpExtensionForm FromProfile(ushort profile) => profile switch
    {
        OneByteProfile => RtpExtensionForm.OneByte,
        _ when (profile & 0xFFF0) == TwoByteProfile => RtpExtensionForm.TwoByte,
        _ => RtpExtensionForm.None,
    };

    /// <summary>Whether an element fits into the one-byte form: ids 1..14, 1..16 bytes.</summary>
    public static bool FitsOneByte(int id, int length) => id is >= 1 and <= 14 && length is >= 1 and <= 16;
}
