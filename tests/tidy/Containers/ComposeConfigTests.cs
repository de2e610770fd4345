namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>compose itself reads the files in every combination; it needs no engine for that.</summary>
public sealed class ComposeConfigTests : IDisposable
{
    private static readonly string[] Core = ["jigasi", "jibri", "etherpad", "transcriber"];

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [NeedsToolFact("docker-compose")]
    public void Every_combination_of_files_is_one_that_compose_takes_and_starts_what_it_should()
    {
        _shell.With([.. Compose.Overlays.Select(name => name + ".yml"), "docker-compose.yml", "ipv6.yml", "ha.yml", "env.example", "gen-passwords.sh"]);
        File.Copy(_shell.At("env.example"), _shell.At(".env"));
        Assert.Equal(0, _shell.Run("bash", "gen-passwords.sh").Code);
        var combinations = Enumerable.Range(0, 1 << Core.Length).Select(bits => Core.Where((_, i) => (bits >> i & 1) == 1).ToArray())
            .Append([.. Compose.Overlays, "ipv6"]).Append(["ha"]).Append(["ha", "etherpad", "ipv6"]).ToList();
        string[] brokersAndStores = ["rabbitmq-2", "rabbitmq-3", "redis-2", "redis-3", "sentinel-1", "sentinel-2", "sentinel-3"];

        foreach (var names in combinations)
        {
            string[] files = ["-f", "docker-compose.yml", .. names.SelectMany(name => new[] { "-f", name + ".yml" })];
            var (code, output) = _shell.Run("docker-compose", [.. files, "config"]);
            Assert.True(code == 0, string.Join(' ', names) + "\n" + output);
            var services = Compose.Read(output).Services.Where(s => !s.Value.Children.ContainsKey("profiles")).Select(s => s.Key);
            var expected = new[] { "init", "rabbitmq", "redis", "signalling", "focus", "media-bridge", "auth", "edge-proxy" }.Concat(names.Except(["ipv6", "ha", "log-analyser"])).Concat(names.Contains("ha") ? brokersAndStores : []).Concat(names.Contains("log-analyser") ? ["loki", "otel-collector"] : []);
            Assert.Equal(expected.Order(StringComparer.Ordinal), services.Order(StringComparer.Ordinal));
        }
    }

    [NeedsToolFact("docker-compose")]
    public void Without_passwords_compose_says_what_to_run()
    {
        _shell.With([.. Compose.Overlays.Select(name => name + ".yml"), "docker-compose.yml"]);
        _shell.Write(".env", "");

        var (code, output) = _shell.Run("docker-compose", "config", "-q");

        Assert.NotEqual(0, code);
        Assert.Contains("./gen-passwords.sh", output, StringComparison.Ordinal);
    }
}
