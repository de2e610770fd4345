namespace JitsiMesh.Rtp;

/// <summary>Why bytes are not a valid RTP packet.</summary>
public enum RtpParseError
{
    None,
    TooShort,
    WrongVersion,

    /// <summary>The CSRC list or the extension block reaches past the end.</summary>
    HeaderTruncated,

    /// <summary>The padding bit is set and the last byte is zero or longer than the payload.</summary>
    PaddingInvalid,
}
