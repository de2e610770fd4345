namespace JitsiMesh.Jingle;

/// <summary>
/// Bounds of one Jingle message. What a session cannot do without (contents, sources, groups, names, credentials) refuses the message when
/// it is beyond its bound, which the sender hears as <c>bad-request</c>. What can be left out (candidates, payload types, extensions) is
/// left out.
/// </summary>
public static class JingleLimits
{
    /// <summary>A Jitsi session has three contents: audio, video, data. More refuse the message.</summary>
    public const int Contents = 16;

    /// <summary>In one description; the RTP header has room for 128 numbers. Further ones are passed over.</summary>
    public const int PayloadTypes = 128;

    /// <summary>Parameters, or feedback kinds, of one payload type. Further ones are passed over.</summary>
    public const int PayloadTypeDetails = 32;

    /// <summary>In one description; one-byte headers number 14, two-byte headers 255 (RFC 8285). Further ones are passed over.</summary>
    public const int HeaderExtensions = 255;

    /// <summary>In one content. A source-add that brings a newcomer up to date names each source of the room. More refuse the message.</summary>
    public const int Sources = 16_384;

    /// <summary>More refuse the message.</summary>
    public const int Groups = 16_384;

    /// <summary>SSRCs of one group: simulcast has three or four. More refuse the message.</summary>
    public const int GroupSize = 16;

    /// <summary>In one transport. A browser on a machine with many interfaces offers some thirty. Further ones are passed over.</summary>
    public const int Candidates = 64;

    /// <summary>In one transport. Further ones are passed over.</summary>
    public const int Fingerprints = 8;

    /// <summary>In one transport. Further ones are passed over.</summary>
    public const int WebSockets = 8;

    /// <summary>Characters of any attribute or text that is kept and has no bound of its own. Longer ones count as absent, or refuse what must have them.</summary>
    public const int TextLength = 2_048;

    /// <summary>RFC 8839 section 5.4. Shorter and longer ones refuse the transport.</summary>
    public const int UfragMinimum = 4;

    public const int UfragLength = 256;

    /// <summary>RFC 8839 section 5.4. Shorter and longer ones refuse the transport.</summary>
    public const int PasswordMinimum = 22;

    public const int PasswordLength = 256;

    /// <summary>RFC 8839 section 5.1. A candidate with a longer one is passed over.</summary>
    public const int FoundationLength = 32;

    /// <summary>A candidate with a longer one goes without.</summary>
    public const int CandidateIdLength = 64;

    /// <summary>A host name (RFC 1035). A candidate with a longer one is passed over.</summary>
    public const int AddressLength = 253;

    /// <summary>A source with a longer name refuses the message.</summary>
    public const int SourceNameLength = 64;

    /// <summary>Characters of each half of an msid; RFC 8830 has 64. A source with a longer one refuses the message.</summary>
    public const int MsidPartLength = 128;
}
