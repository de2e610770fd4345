namespace JitsiMesh.Jingle;

/// <summary>
/// Limits of one Jingle message. If a required part (contents, sources, groups, names, credentials) exceeds its limit, the message
/// is refused, and the sender gets <c>bad-request</c>. Optional parts (candidates, payload types, extensions) beyond the limit
/// are skipped.
/// </summary>
public static class JingleLimits
{
    /// <summary>A Jitsi session has three contents: audio, video, data. Messages with more are refused.</summary>
    public const int Contents = 16;

    /// <summary>In one description; the RTP header has room for 128 numbers. Further ones are skipped.</summary>
    public const int PayloadTypes = 128;

    /// <summary>Parameters, or feedback types, of one payload type. Further ones are skipped.</summary>
    public const int PayloadTypeDetails = 32;

    /// <summary>In one description; one-byte headers number 14, two-byte headers 255 (RFC 8285). Further ones are skipped.</summary>
    public const int HeaderExtensions = 255;

    /// <summary>In one content. The source-add for a new participant names each source of the room. Messages with more are refused.</summary>
    public const int Sources = 16_384;

    /// <summary>Messages with more are refused.</summary>
    public const int Groups = 16_384;

    /// <summary>SSRCs of one group: simulcast has three or four. Messages with more are refused.</summary>
    public const int GroupSize = 16;

    /// <summary>In one transport. A browser on a machine with many interfaces offers about thirty. Further ones are skipped.</summary>
    public const int Candidates = 64;

    /// <summary>In one transport. Further ones are skipped.</summary>
    public const int Fingerprints = 8;

    /// <summary>In one transport. Further ones are skipped.</summary>
    public const int WebSockets = 8;

    /// <summary>Characters of any attribute or text without a limit of its own. Longer ones count as absent, or cause a refusal where they are required.</summary>
    public const int TextLength = 2_048;

    /// <summary>RFC 8839 section 5.4. A transport with a shorter or longer one is refused.</summary>
    public const int UfragMinimum = 4;

    public const int UfragLength = 256;

    /// <summary>RFC 8839 section 5.4. A transport with a shorter or longer one is refused.</summary>
    public const int PasswordMinimum = 22;

    public const int PasswordLength = 256;

    /// <summary>RFC 8839 section 5.1. A candidate with a longer one is skipped.</summary>
    public const int FoundationLength = 32;

    /// <summary>A longer id is dropped from its candidate.</summary>
    public const int CandidateIdLength = 64;

    /// <summary>A host name (RFC 1035). A candidate with a longer one is skipped.</summary>
    public const int AddressLength = 253;

    /// <summary>A message with a longer source name is refused.</summary>
    public const int SourceNameLength = 64;

    /// <summary>Characters of each half of an msid; RFC 8830 has 64. A message with a longer one is refused.</summary>
    public const int MsidPartLength = 128;
}
