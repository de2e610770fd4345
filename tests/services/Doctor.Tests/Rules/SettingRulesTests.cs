using JitsiMesh.Doctor.Reports;
using JitsiMesh.Doctor.Rules;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Doctor.Tests.Rules;

public sealed class SettingRulesTests
{
    [Fact]
    public void What_stops_a_service_has_failed_and_comes_first()
    {
        var results = SettingRules.Judge(Load(("ENABLE_LDAP_AUTH", "1"), ("ENABLE_LOAD_TEST_CLIENT", "1"))).ToList();

        Assert.Equal([CheckState.Failed, CheckState.Warning], results.Select(r => r.State));
        Assert.StartsWith("ENABLE_LDAP_AUTH: ", results[0].Seen, StringComparison.Ordinal);
        Assert.Contains("ENABLE_LOAD_TEST_CLIENT", results[1].Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_without_a_line_about_them_are_counted()
    {
        Assert.Equal(CheckResult.Ok("settings", "all at their defaults"), Assert.Single(SettingRules.Judge(Load())));
        Assert.Equal(CheckResult.Ok("settings", "1 set: JVB_PORT"), Assert.Single(SettingRules.Judge(Load(("JVB_PORT", "10001")))));
    }

    private static MeshSettings Load(params (string Name, string Value)[] values) =>
        MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)));
}
