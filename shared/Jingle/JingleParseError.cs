namespace JitsiMesh.Jingle;

/// <summary>Why a Jingle message was refused. All but <see cref="UnknownAction"/> are answered with <c>bad-request</c>.</summary>
public enum JingleParseError
{
    None,

    /// <summary>The element is not <c>jingle</c> in its namespace.</summary>
    NotJingle,
    MissingAction,

    /// <summary>Answered with <c>feature-not-implemented</c>.</summary>
    UnknownAction,
    MissingSid,
    BadContent,
    BadMedia,

    /// <summary>ICE credentials that are invalid by RFC 8839.</summary>
    BadTransport,

    /// <summary>Fingerprints are present, but none is valid by RFC 8122.</summary>
    BadFingerprint,

    /// <summary>An SSRC that is missing, not decimal, zero, or above 2^32-1.</summary>
    BadSsrc,

    /// <summary>A source name with invalid characters.</summary>
    BadName,

    /// <summary>An msid that is invalid by RFC 8830.</summary>
    BadMsid,
    BadGroup,
    BadJson,
    TooMany,
    TooLong,
}
