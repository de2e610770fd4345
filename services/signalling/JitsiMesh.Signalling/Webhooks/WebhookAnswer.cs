using System.Globalization;
using System.Net;
using JitsiMesh.Signalling.Outbound;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>What becomes of an event after one try.</summary>
public enum WebhookOutcome
{
    /// <summary>The receiver has it.</summary>
    Taken,

    /// <summary>It is tried again.</summary>
    Again,

    /// <summary>The receiver wants no more (410).</summary>
    Gone,
}

/// <summary>How a receiver's answer is read.</summary>
/// <param name="Outcome">What becomes of the event.</param>
/// <param name="Reason">One of few words, for the counter and the log; empty where it was taken.</param>
/// <param name="Wait">What the receiver asks to be waited (Retry-After), or null.</param>
internal readonly record struct WebhookAnswer(WebhookOutcome Outcome, string Reason, TimeSpan? Wait)
{
    /// <summary>Any 2xx accepts the event, regardless of its body; after everything else the event is tried again.</summary>
    public static WebhookAnswer Of(OutboundAnswer answer)
    {
        var status = (int)answer.Begun;
        return status switch
        {
            >= 200 and < 300 => new WebhookAnswer(WebhookOutcome.Taken, "", null),
            >= 300 and < 400 => new WebhookAnswer(WebhookOutcome.Again, "redirect", null),
            410 => new WebhookAnswer(WebhookOutcome.Gone, "gone", null),
            >= 400 and < 500 => new WebhookAnswer(WebhookOutcome.Again, "status_4xx", answer.RetryAfter),
            >= 500 => new WebhookAnswer(WebhookOutcome.Again, "status_5xx", answer.RetryAfter),
            _ => new WebhookAnswer(WebhookOutcome.Again, answer.Failure == OutboundFailure.Timeout ? "timeout" : "unreachable", null),
        };
    }

    /// <summary>For people: the status where there is one.</summary>
    public static string Describe(OutboundAnswer answer, WebhookAnswer read) => answer.Begun == default ? read.Reason : string.Create(CultureInfo.InvariantCulture, $"status {(int)answer.Begun}");
}
