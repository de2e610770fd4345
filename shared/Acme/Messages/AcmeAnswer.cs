using System.Globalization;

namespace JitsiMesh.Acme.Messages;

/// <summary>An authority's answer, as the transport read it: within <see cref="AcmeLimits"/>, redirects not followed.</summary>
public sealed record AcmeAnswer
{
    public required int Status { get; init; }

    /// <summary>At most <see cref="AcmeLimits.AnswerOctets"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    public string? Location { get; init; }

    /// <summary>The header Replay-Nonce.</summary>
    public string? Nonce { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>The Link headers, unparsed.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>The pause that the authority requests in Retry-After (RFC 9110 section 10.2.3): seconds or a date; null if absent or unreadable.</summary>
    internal TimeSpan? PauseFrom(DateTimeOffset now)
    {
        TimeSpan? pause = int.TryParse(RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
            : DateTimeOffset.TryParseExact(RetryAfter, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) ? until - now
            : null;
        return pause is null ? null : TimeSpan.FromTicks(Math.Clamp(pause.Value.Ticks, 0, AcmeLimits.LongestRetryAfter.Ticks));
    }
}
