namespace JitsiMesh.Rtp;

/// <summary>
/// Client-to-mixer audio level (RFC 6464 section 3): <c>|V| level |</c>, the level in -dBov: 0 is the loudest, 127 digital silence.
/// </summary>
public readonly record struct AudioLevel(byte Level, bool VoiceActivity)
{
    public const string Uri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    public const byte Silence = 127;

    /// <summary>Loudness in 0..127, growing with the volume, as the speaker selection needs it.</summary>
    public int Loudness => Silence - Level;

    public static bool TryParse(ReadOnlySpan<byte> value, out AudioLevel level)
    {
        level = default;
        if (value.IsEmpty) return false;
        level = new AudioLevel((byte)(value[0] & 0x7F), (value[0] & 0x80) != 0);
        return true;
    }

    public byte ToByte() => (byte)((Level & 0x7F) | (VoiceActivity ? 0x80 : 0));
}
