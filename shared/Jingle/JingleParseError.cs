namespace JitsiMesh.Jingle;

/// <summary>Why a Jingle message was not taken. All but <see cref="UnknownAction"/> are answered with <c>bad-request</c>.</summary>
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

    /// <summary>ICE credentials that RFC 8839 does not know.</summary>
    BadTransport,

    /// <summary>There are fingerprints and none is one of RFC 8122.</summary>
    BadFingerprint,

    /// <summary>An SSRC that is missing, not decimal, zero, or above 2^32-1.</summary>
    BadSsrc,

    /// <summary>A source's name with characters that names do not have.</summary>
    BadName,

    /// <summary>An msid that RFC 8830 does not know.</summary>
    BadMsid,
    BadGroup,
    BadJson,
    TooMany,
    TooLong,
}
