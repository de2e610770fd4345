using System.Text.Json;
using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>A dashboard of a metric that nothing counts shows an empty field for ever, and an alert of one never comes.</summary>
public sealed partial class MetricNameTests
{
    // Of Prometheus itself, and of .NET's own meter System.Runtime, which MeshTelemetry adds.
    private static readonly string[] Others =
        ["up", "dotnet_process_memory_working_set_bytes", "dotnet_process_cpu_time_seconds_total", "dotnet_gc_pause_time_seconds_total"];

    /// <summary>What /metrics calls the instruments in the sources, in every form that it gives them.</summary>
    private static readonly HashSet<string> Known = Instruments().Concat(Others).ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void Every_metric_of_the_dashboards_exists()
    {
        foreach (var path in Repository.Files("deploy/monitoring/grafana/dashboards", "*.json"))
        {
            using var board = JsonDocument.Parse(File.ReadAllText(path));
            var expressions = board.RootElement.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("targets", out _))
                .SelectMany(p => p.GetProperty("targets").EnumerateArray().Select(t => (Title: p.GetProperty("title").GetString(), Text: t.GetProperty("expr").GetString()!))).ToList();
            Assert.True(expressions.Count >= 15, $"{path} has {expressions.Count} queries");
            foreach (var (title, text) in expressions) Check(text, $"{Path.GetFileName(path)}, {title}");
        }
    }

    [Fact]
    public void Every_metric_of_the_alerts_exists_and_every_alert_has_its_section_in_the_runbooks()
    {
        var alerts = Repository.Read("deploy/monitoring/prometheus/alerts.yml");
        var names = Alert().Matches(alerts).Select(m => m.Groups[1].Value).ToList();
        var expressions = Expression().Matches(alerts).Select(m => m.Groups[1].Value).ToList();
        Assert.True(names.Count >= 10);
        Assert.Equal(names.Count, expressions.Count);
        foreach (var text in expressions) Check(text, "alerts.yml");

        var sections = Heading().Matches(Repository.Read("docs/runbooks.md")).Select(m => m.Groups[1].Value);
        Assert.Equal(names.Order(StringComparer.Ordinal), sections.Order(StringComparer.Ordinal));
        Assert.Equal(names.Select(name => name.ToLowerInvariant()), Runbook().Matches(alerts).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void Words_of_an_event_or_a_reason_that_are_looked_for_stand_in_the_sources()
    {
        var sources = string.Join('\n', Repository.Files("services", "*.cs").Select(File.ReadAllText));
        var texts = Repository.Files("deploy/monitoring", "*.json").Append(Path.Combine(Repository.Root, "deploy/monitoring/prometheus/alerts.yml")).Select(path => File.ReadAllText(path).Replace("\\\"", "\"", StringComparison.Ordinal));
        var words = texts.SelectMany(text => Label().Matches(text)).SelectMany(m => m.Groups[1].Value.Split('|')).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(words.Count >= 10, $"{words.Count} words");
        Assert.All(words, word => Assert.Matches($@"(\b|""){Regex.Escape(word)}(\b|"")", sources));
    }

    [Fact]
    public void Prometheus_asks_every_service()
    {
        var asked = Repository.Read("deploy/monitoring/prometheus/prometheus.yml");
        var main = Compose.ReadFile("docker-compose.yml");
        var overlays = Compose.Overlays.Select(name => Compose.ReadFile(name + ".yml"));
        var own = overlays.Append(main).SelectMany(c => c.Services).Where(s => ComposeTests.ServiceOf(s.Value) is not (null or "doctor")).Select(s => s.Key).ToList();
        Assert.True(own.Count >= 10);
        Assert.All(own, service => Assert.Matches($@"names: \[[^\]]*\b{service}\b[^-\]]*[,\]]", asked));
    }

    private static void Check(string expression, string where)
    {
        // Without label values and names, what remains in small letters with an underscore is a metric.
        var bare = Grouping().Replace(Selector().Replace(expression, ""), "");
        var metrics = Metric().Matches(bare).Select(m => m.Value).Where(name => !Function().IsMatch(name)).ToList();
        Assert.True(metrics.Count > 0, $"{where}: no metric in {expression}");
        Assert.All(metrics, metric => Assert.True(Known.Contains(metric), $"{where}: {metric} is counted nowhere"));
    }

    private static IEnumerable<string> Instruments()
    {
        foreach (var path in Repository.Files("services", "*.cs").Concat(Repository.Files("shared", "*.cs")))
        {
            var text = File.ReadAllText(path);
            foreach (Match match in Instrument().Matches(text))
            {
                var literal = match.Groups["name"].Success ? match.Groups["name"].Value : Regex.Match(text, $@"const string {match.Groups["constant"].Value} = ""([^""]+)""").Groups[1].Value;
                var name = literal.Replace('.', '_') + (match.Groups["unit"].Value == "s" ? "_seconds" : "");
                var kind = match.Groups["kind"].Value;
                if (kind.Contains("Counter", StringComparison.Ordinal)) yield return name + "_total";
                else if (kind.Contains("Histogram", StringComparison.Ordinal)) foreach (var part in new[] { "_bucket", "_sum", "_count" }) yield return name + part;
                else yield return name;
            }
        }
    }

    [GeneratedRegex("""(?<kind>Create(?:Observable)?(?:Counter|Gauge|UpDownCounter)|CreateHistogram|metrics\.Observe)(?:<\w+>)?\((?:"(?<name>[a-z][a-z0-9_.]*)"|(?<constant>Name))(?:, "(?<unit>s)")?""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\{[^}]*\}|""[^""]*""|\[[^\]]*\]")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(by|without|on|ignoring) *\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\b[a-z][a-z0-9_]*\b(?! *\()")]
    private static partial Regex Metric();

    [GeneratedRegex("^(and|or|unless|offset|bool|by|without|[0-9]*[smhd])$")]
    private static partial Regex Function();

    [GeneratedRegex("^      - alert: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex("^        expr: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex("^          runbook: docs/runbooks.md#(.*)$", RegexOptions.Multiline)]
    private static partial Regex Runbook();

    [GeneratedRegex("^## ([A-Z][A-Za-z]+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("""\b(?:event|reason|outcome)[!=]?[=~]{1,2}"([^"]+)""")]
    private static partial Regex Label();
}
