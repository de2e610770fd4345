using System.Text.Json;

namespace JitsiMesh.Doctor.Reports;

/// <summary>All results in order; each is passed on as it arrives, to show the progress.</summary>
/// <param name="added">Called for each result; may be null.</param>
public sealed class Report(Action<CheckResult>? added = null)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };
    private readonly List<CheckResult> _results = [];

    public IReadOnlyList<CheckResult> Results => _results;

    /// <summary>True if no check has failed. Warnings do not count.</summary>
    public bool IsHealthy => _results.TrueForAll(r => r.State != CheckState.Failed);

    public void Add(CheckResult result)
    {
        _results.Add(result);
        added?.Invoke(result);
    }

    public void AddRange(IEnumerable<CheckResult> results)
    {
        foreach (var result in results) Add(result);
    }

    /// <summary>One result as a line: state, name, observation, remedy.</summary>
    public static string Line(CheckResult result)
    {
        var text = $"{Word(result.State),-8} {result.Name,-19} {result.Seen}";
        if (result.Advice is not null) text = $"{text}: {result.Advice}";
        return result.Code is null ? text : $"{text} ({result.Code})";
    }

    /// <summary>The last line.</summary>
    public string Summary()
    {
        int Count(CheckState state) => _results.Count(r => r.State == state);
        return FormattableString.Invariant($"{Count(CheckState.Ok)} ok, {Count(CheckState.Warning)} warnings, {Count(CheckState.Failed)} failed, {Count(CheckState.Skipped)} not tried");
    }

    /// <summary><c>{"url":…,"healthy":…,"checks":[{"name":…,"state":"ok|warning|failed|skipped","seen":…,"advice":…,"code":…}]}</c></summary>
    public string ToJson(string url)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            writer.WriteStartObject();
            writer.WriteString("url", url);
            writer.WriteBoolean("healthy", IsHealthy);
            writer.WriteStartArray("checks");
            foreach (var result in _results)
            {
                writer.WriteStartObject();
                writer.WriteString("name", result.Name);
                writer.WriteString("state", Word(result.State));
                writer.WriteString("seen", result.Seen);
                if (result.Advice is not null) writer.WriteString("advice", result.Advice);
                if (result.Code is not null) writer.WriteString("code", result.Code);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Word(CheckState state) => state switch
    {
        CheckState.Ok => "ok",
        CheckState.Warning => "warning",
        CheckState.Failed => "failed",
        _ => "skipped",
    };
}
