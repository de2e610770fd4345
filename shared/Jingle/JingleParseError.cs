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
    BadPayloadType,
    BadFeedback,
    BadHeaderExtension,
    BadTransport,
    BadCandidate,
    BadFingerprint,

    /// <summary>An SSRC that is missing, not decimal, zero, or above 2^32-1.</summary>
    BadSsrc,
    BadGroup,
    BadVideoType,
    BadJson,
    TooMany,
    TooLong,
}
