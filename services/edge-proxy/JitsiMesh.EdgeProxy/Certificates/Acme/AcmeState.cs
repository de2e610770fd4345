using System.Text.Json;
using System.Text.Json.Serialization;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>How an order ended.</summary>
internal enum OrderOutcome
{
    /// <summary>Still pending: a process is working on it, or died while doing so.</summary>
    Open,

    Issued,

    Failed,
}

/// <summary>One order, stored before the request is sent to the authority.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Url">The URL of the order; null until the authority has answered.</param>
/// <param name="Outcome">How it ended.</param>
internal sealed record OrderRecord(DateTimeOffset At, Uri? Url, OrderOutcome Outcome);

/// <summary>The last failure.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">A short reason code.</param>
/// <param name="Text">One line for the operator.</param>
internal sealed record AcmeError(DateTimeOffset At, string Reason, string Text);

/// <summary>State that must outlive the process, for the names of one certificate at one authority: a restart neither forgets an order nor resets the pauses.</summary>
internal sealed record AcmeState
{
    /// <summary>The names of the certificate. For other names the state starts empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The last orders, oldest first.</summary>
    public IReadOnlyList<OrderRecord> Orders { get; init; } = [];

    /// <summary>Consecutive failures before an order existed, or during an order that can be resumed.</summary>
    public int Failures { get; init; }

    /// <summary>No request is allowed before this time; null for no such time.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The kind of challenge that failed last.</summary>
    public string? FailedChallenge { get; init; }

    /// <summary>Null after a success.</summary>
    public AcmeError? LastError { get; init; }

    /// <summary>Null for a text that this version did not write.</summary>
    public static AcmeState? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AcmeJson.Default.AcmeState) is { Names: not null, Orders: not null } state && state.Orders.All(o => o is not null) ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(this, AcmeJson.Default.AcmeState);
}

/// <summary>An account at an authority. Its key is stored beside it.</summary>
internal sealed record AcmeAccount(Uri Url, string Email)
{
    public static AcmeAccount? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AcmeJson.Default.AcmeAccount) is { Url: { IsAbsoluteUri: true }, Email: not null } account ? account : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(this, AcmeJson.Default.AcmeAccount);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AcmeState))]
[JsonSerializable(typeof(AcmeAccount))]
internal sealed partial class AcmeJson : JsonSerializerContext;
