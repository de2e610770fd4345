namespace JitsiMesh.MediaBridge.Control;

/// <summary>Bounds on one conference-modify. A request beyond any of them is refused as <c>bad_request</c> and changes nothing.</summary>
public static class RequestLimits
{
    /// <summary>Characters of the ids of a meeting, an endpoint, a source.</summary>
    public const int IdLength = 256;

    /// <summary>The maximum length of the room's address, which is for logs: a bare JID is not longer (RFC 7622 section 3).</summary>
    public const int NameLength = 2047;

    /// <summary>Characters of any other text.</summary>
    public const int TextLength = 256;

    /// <summary>Characters of a payload type's parameter: sprop-parameter-sets is the longest.</summary>
    public const int ParameterLength = 2048;

    /// <summary>Endpoints of one request: a mute request goes to a whole conference.</summary>
    public const int Endpoints = 2000;

    /// <summary>A session has audio and video; each may be split into parts.</summary>
    public const int MediaDescriptions = 16;

    /// <summary>In one description; the RTP header has room for 128 numbers.</summary>
    public const int PayloadTypes = 128;

    /// <summary>Parameters, or feedback kinds, of one payload type.</summary>
    public const int PayloadTypeDetails = 32;

    /// <summary>In one description; two-byte headers number 255 (RFC 8285).</summary>
    public const int HeaderExtensions = 255;

    public const int Fingerprints = 8;

    /// <summary>A browser on a machine with many interfaces offers about thirty. Only the first usable ones get checks (<see cref="Ice.IceLimits.MaxRemoteCandidates"/>).</summary>
    public const int Candidates = 128;

    /// <summary>SSRCs of one source, including retransmissions and forward error correction.</summary>
    public const int SsrcsOfSource = 32;

    public const int GroupsOfSource = 32;

    /// <summary>Encodings of one source: simulcast has three or four.</summary>
    public const int Encodings = 8;
}
