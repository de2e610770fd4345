namespace JitsiMesh.Jingle;

/// <summary>
/// Bounds of one Jingle message. A message beyond any of them is refused whole with <see cref="JingleParseError.TooMany"/>, which its
/// sender hears as <c>bad-request</c>.
/// </summary>
public static class JingleLimits
{
    /// <summary>A Jitsi session has three contents: audio, video, data.</summary>
    public const int Contents = 16;

    /// <summary>In one description; the RTP header has room for 128 numbers.</summary>
    public const int PayloadTypes = 128;

    /// <summary>Parameters, or feedback kinds, of one payload type.</summary>
    public const int PayloadTypeDetails = 32;

    /// <summary>In one description; one-byte headers number 14, two-byte headers 255 (RFC 8285).</summary>
    public const int HeaderExtensions = 255;

    /// <summary>In one content. A source-add that brings a newcomer up to date names each source of the room.</summary>
    public const int Sources = 16_384;

    public const int Groups = 16_384;

    /// <summary>SSRCs of one group: simulcast has three or four.</summary>
    public const int GroupSize = 16;

    /// <summary>In one transport. A browser on a machine with many interfaces offers some thirty.</summary>
    public const int Candidates = 128;

    public const int Fingerprints = 8;

    public const int WebSockets = 8;

    /// <summary>Characters of any attribute or text that is kept: SDP lines of browsers stay under 300.</summary>
    public const int TextLength = 2_048;
}
