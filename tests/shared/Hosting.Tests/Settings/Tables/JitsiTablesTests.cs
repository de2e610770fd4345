using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Commands;
using JitsiMesh.Hosting.Settings.Effects;
using Xunit.Abstractions;

namespace JitsiMesh.Hosting.Tests.Settings.Tables;

public sealed class JitsiTablesTests(ITestOutputHelper output)
{
    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy", "all-in-one"];

    /// <summary>What keeps people out, or says what they may: ignoring one would be to let in or to allow more than an operator wants.</summary>
    private static readonly string[] Security =
    [
        "ENABLE_AUTH", "ENABLE_GUESTS", "AUTH_TYPE", "PROSODY_AUTH_TYPE", "PROSODY_GUEST_AUTH_TYPE", "JICOFO_ENABLE_AUTH", "JICOFO_AUTH_TYPE", "ENABLE_LDAP_AUTH", "JWT_ENABLE_TOKEN_AUTH",
        "MAX_PARTICIPANTS", "ENABLE_LOBBY", "PROSODY_RESERVATION_ENABLED", "PROSODY_ENABLE_FILTER_MESSAGES", "PROSODY_LIMIT_MESSAGES_CHECK_TOKEN", "WAIT_FOR_HOST_DISABLE_AUTO_OWNERS",
        "XMPP_MODULES", "XMPP_MUC_MODULES", "XMPP_INTERNAL_MUC_MODULES", "XMPP_LOBBY_MUC_MODULES", "XMPP_BREAKOUT_MUC_MODULES", "XMPP_SPEAKERSTATS_MODULES", "GLOBAL_MODULES",
        "GLOBAL_CONFIG", "XMPP_CONFIGURATION", "XMPP_MUC_CONFIGURATION", "JICOFO_AUTH_USER", "MATRIX_UVS_URL", "MATRIX_UVS_AUTH_TOKEN", "CSP_HEADER", "ENABLE_HSTS", "DISABLE_HTTPS",
    ];

    [Fact]
    public void Every_name_of_the_tables_is_declared_or_in_the_list_and_the_counts_are_printed()
    {
        Assert.Equal((96, 502, 54), (JitsiTables.Seed.Count, JitsiTables.Today.Count, JitsiTables.Dropped.Count));
        var all = JitsiTables.Seed.Concat(JitsiTables.Today).Concat(JitsiTables.Dropped).Distinct(StringComparer.Ordinal).Except(JitsiTables.OfContainers).ToList();
        Assert.DoesNotContain(all, name => !JitsiNames.IsKnown(name));
        Assert.Empty(JitsiNames.All.Keys.Except(all));
        foreach (var (title, names) in new[] { ("2021", JitsiTables.Seed), ("2026", JitsiTables.Today), ("dropped", JitsiTables.Dropped) })
        {
            output.WriteLine($"names of {title} with effect: {TableEffect.Counts(names).GetValueOrDefault(TableEffect.Yes)} of {names.Count} ({string.Join(", ", TableEffect.Counts(names).OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value}"))})");
        }
    }

    [Theory]
    [InlineData("2021.env")]
    [InlineData("2026.env")]
    [InlineData("2026-defaults.env")]
    public void An_untouched_example_of_either_year_starts_with_one_warning_at_most(string file)
    {
        var settings = MeshSettingsFile.Read(JitsiTables.WithPasswords(JitsiTables.Read(file)));

        foreach (var service in Services)
        {
            settings.For(service);
            RequiredSecrets.Demand(service, settings);
            RequiredSecrets.RefuseWhatIsNotActedOn(service, settings);
        }

        Assert.True(settings.Warnings.Count <= 1, string.Join('\n', settings.Warnings));
        Assert.All(settings.Notices, notice => Assert.Equal("edge-proxy", notice.Service));
        Assert.True(settings.Notices.Count <= 2);
    }

    [Fact]
    public void What_carries_security_is_acted_on_or_stops_the_start()
    {
        Assert.DoesNotContain(Security.Concat(JitsiTables.Seed.Concat(JitsiTables.Today).Where(name => name.StartsWith("LDAP_", StringComparison.Ordinal) || name.StartsWith("JWT_", StringComparison.Ordinal))),
            name => TableEffect.WordOf(name) is not (TableEffect.Yes or TableEffect.Stops));
    }

    [Fact]
    public void Every_sample_of_2021_in_force_at_once_is_judged_line_by_line()
    {
        var report = UpgradeReport.Of(JitsiTables.WithPasswords(JitsiTables.Uncommented("2021.env")));

        // The samples contradict each other (no HTTPS and a redirect to it) and show passwords that everybody knows.
        Assert.Equal(["JWT_APP_SECRET", "ENABLE_HTTP_REDIRECT"], report.Lines.Where(line => line.Verdict == UpgradeVerdict.BadValue).Select(line => line.Name));
        Assert.True(report.HasErrors);
        Assert.Equal(0, report.Count(UpgradeVerdict.Unknown));
        Assert.Equal("XMPP_HIDDEN_DOMAIN; still honoured", report.Lines.Single(line => line.Name == "XMPP_RECORDER_DOMAIN").Text);
    }

    [Fact]
    public void Each_declared_name_of_the_tables_takes_the_value_that_the_tables_show()
    {
        Assert.True(EnvFile.TryParse(JitsiTables.Uncommented("2021.env"), out var values, out _));
        foreach (var (name, value) in values.Where(v => v.Value.Length > 0 && KnownSettings.All.TryGetValue(v.Key, out var setting) && !setting.IsSecret))
        {
            Assert.True(KnownSettings.All[name].TryParse(value, out _), $"{name}={value}");
        }
    }
}
