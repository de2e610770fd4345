using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Modules.RoomEvents;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>What the settings of webhooks say together. Where they contradict each other there are no webhooks, and everything else works.</summary>
public sealed record WebhookPlan
{
    private static readonly HashSet<string> Nothing = [];

    /// <summary>Webhooks are wanted, and nothing stands in their way.</summary>
    public bool IsOn => Receivers.Count > 0 && Problems.Count == 0;

    /// <summary>What stands in their way, each with the name of its setting.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    public IReadOnlyList<WebhookReceiver> Receivers { get; init; } = [];

    public WebhookSecrets? Secrets { get; init; }

    /// <summary>The types that are told; empty where webhooks are off.</summary>
    public IReadOnlySet<string> Events { get; init; } = Nothing;

    /// <summary>Of one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one event is tried.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromDays(1);

    public static WebhookPlan Read(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = new List<string>();
        var urls = Split(settings.Get(KnownSettings.WebhookUrls));
        if (urls.Length == 0) return new WebhookPlan();
        List<WebhookReceiver> receivers = [];
        foreach (var url in urls)
        {
            if (ProblemOf(url, out var receiver) is { } problem) problems.Add($"{KnownSettings.WebhookUrls.Name}: {problem}; no webhooks are sent");
            else if (!receivers.Contains(receiver!)) receivers.Add(receiver!);
        }

        if (receivers.Count > SignallingLimits.WebhookReceivers) problems.Add(FormattableString.Invariant($"{KnownSettings.WebhookUrls.Name}: there are more than {SignallingLimits.WebhookReceivers} addresses; no webhooks are sent"));
        if (!WebhookSecrets.TryParse(settings.Get(KnownSettings.WebhookSecret), out var secrets, out var wrong)) problems.Add($"{KnownSettings.WebhookSecret.Name}: with {KnownSettings.WebhookUrls.Name} {wrong}; no webhooks are sent");
        var events = Split(settings.Get(KnownSettings.WebhookEvents));
        foreach (var unknown in events.Except(RoomEventTypes.All, StringComparer.Ordinal)) problems.Add($"{KnownSettings.WebhookEvents.Name}: '{unknown}' is none of {string.Join(", ", RoomEventTypes.All)}; no webhooks are sent");
        return new WebhookPlan
        {
            Problems = problems,
            Receivers = receivers,
            Secrets = secrets,
            Events = problems.Count > 0 ? Nothing : (events.Length == 0 ? RoomEventTypes.All : events).ToHashSet(StringComparer.Ordinal),
            Timeout = settings.Get(KnownSettings.WebhookTimeout),
            RetryFor = settings.Get(KnownSettings.WebhookRetryFor),
        };
    }

    public override string ToString() => "webhook plan";

    // The value is not repeated: a user or a query in it may be a secret.
    private static string? ProblemOf(string text, out WebhookReceiver? receiver)
    {
        receiver = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0) return "one of them is no address that begins with https:// or http://";
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) return $"a user, a password or a fragment ('#') has no place in the address at {url.IdnHost}; who sends is proved by the signature";
        receiver = WebhookReceiver.Of(url);
        return null;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
