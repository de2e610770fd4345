using System.Text.Json;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>The alert rules and the dashboards' queries as Prometheus's own tool reads them.</summary>
public sealed class AlertTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [NeedsToolFact("promtool")]
    public void An_alert_comes_when_it_should_and_not_else()
    {
        var rules = Path.Combine(Repository.Root, "deploy/monitoring/prometheus/alerts.yml");
        _shell.Write("test.yml", $"rule_files: [{rules}]\n" + Repository.Read("tests/tidy/Containers/alerts.test.yml"));

        var (code, output) = _shell.Run("promtool", "test", "rules", "test.yml");

        Assert.True(code == 0, output);
    }

    [NeedsToolFact("promtool")]
    public void Prometheus_reads_its_configuration_and_every_query()
    {
        _shell.Write("prometheus.yml", Repository.Read("deploy/monitoring/prometheus/prometheus.yml").Replace("/etc/prometheus/", Path.Combine(Repository.Root, "deploy/monitoring/prometheus/"), StringComparison.Ordinal));
        var (code, output) = _shell.Run("promtool", "check", "config", "prometheus.yml");
        Assert.True(code == 0, output);

        var queries = Repository.Files("deploy/monitoring/grafana/dashboards", "*.json").SelectMany(Queries).Select((query, number) => $"  - record: q:{number}\n    expr: {JsonSerializer.Serialize(query)}\n").ToList();
        Assert.True(queries.Count >= 40, $"{queries.Count} queries");
        _shell.Write("queries.yml", "groups:\n- name: queries\n  rules:\n" + string.Concat(queries));
        (code, output) = _shell.Run("promtool", "check", "rules", "queries.yml");
        Assert.True(code == 0, output);
    }

    private static IEnumerable<string> Queries(string path)
    {
        using var board = JsonDocument.Parse(File.ReadAllText(path));
        return [.. board.RootElement.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("targets", out _))
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!.Replace("$instance", ".*", StringComparison.Ordinal))];
    }
}
