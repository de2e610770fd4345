using System.Text.Json;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public void A_line_says_state_name_what_was_seen_and_what_to_do()
    {
        Assert.Equal("failed   udp                 no answer: set JVB_ADVERTISE_IPS (MESH-ICE-1)", Report.Line(CheckResult.Failed("udp", "no answer", "set JVB_ADVERTISE_IPS")));
        Assert.Equal("ok       page                answers", Report.Line(CheckResult.Ok("page", "answers")));
    }

    [Theory]
    [InlineData("certificate", "MESH-TLS-1")]
    [InlineData("offer", "MESH-BRIDGE-1")]
    [InlineData("clock", null)]
    public void What_has_failed_names_the_code_that_people_see(string check, string? code)
    {
        Assert.Equal(code, CheckResult.Failed(check, "seen").Code);
        Assert.Null(CheckResult.Warning(check, "seen").Code);
        Assert.Null(CheckResult.Ok(check, "seen").Code);
    }

    [Fact]
    public void Warnings_and_what_was_not_tried_leave_it_healthy_and_a_failure_does_not()
    {
        var report = new Report();
        report.AddRange([CheckResult.Ok("a", ""), CheckResult.Warning("b", ""), CheckResult.Skipped("c", "")]);
        Assert.True(report.IsHealthy);
        report.Add(CheckResult.Failed("d", ""));
        Assert.False(report.IsHealthy);
        Assert.Equal("1 ok, 1 warnings, 1 failed, 1 not tried", report.Summary());
    }

    [Fact]
    public void The_json_form_has_everything_that_the_lines_have()
    {
        var report = new Report();
        report.Add(CheckResult.Failed("udp", "no \"answer\"", "open it"));
        using var json = JsonDocument.Parse(report.ToJson("https://x/"));
        var check = Assert.Single(json.RootElement.GetProperty("checks").EnumerateArray());
        Assert.Equal(("https://x/", false), (json.RootElement.GetProperty("url").GetString(), json.RootElement.GetProperty("healthy").GetBoolean()));
        Assert.Equal(("udp", "failed", "no \"answer\"", "open it", "MESH-ICE-1"), (Text(check, "name"), Text(check, "state"), Text(check, "seen"), Text(check, "advice"), Text(check, "code")));

        static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
    }
}
